"""Addresses by the dozen are those that url_for gives."""

import pytest
from flask import Flask, g, url_for

from mutualaid.addresses import numbered


@pytest.mark.parametrize("slug", ["parkdale", "0", "desk"])
def test_numbered_addresses_are_those_of_url_for(app: Flask, slug: str) -> None:
    with app.test_request_context(f"/{slug}/desk?queue=new&area=10"):
        g.slug = slug
        for number in (10, 7, 2**62):
            assert numbered("desk.need", post_id=number) == url_for("desk.need", post_id=number)
            assert numbered("desk_matches.propose", post_id=number, other_id=20) == url_for(
                "desk_matches.propose", post_id=number, other_id=20
            )
