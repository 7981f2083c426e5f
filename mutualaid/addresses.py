"""Addresses that stand on a page by the dozen."""

from typing import Any

from flask import request, url_for


def numbered(endpoint: str, **values: Any) -> str:
    """As `url_for` gives it, for a path that ends in the last of `values`, a number.

    A request puts such an address together once, however many rows of its page lead to one.
    """
    *rest, (name, number) = values.items()
    kept = request.environ.setdefault("mutualaid.numbered", {})
    key = (endpoint, name, *rest)
    if key not in kept:
        path, mark, query = url_for(endpoint, **values | {name: 0}).partition("?")
        kept[key] = path.removesuffix("0"), mark + query
    before, after = kept[key]
    return f"{before}{number}{after}"
