"""The bar at the foot of a form stays in sight, and covers nothing that follows the form."""

import pytest

from mutualaid.db import db
from mutualaid.people.access import new_link
from tests.factories import NOW, make_member, make_network, make_person
from tests.journeys.acts import DESK, PHONE, open_with_link, sign_in

CAN_BE_PRESSED = """button => {
    window.scrollTo(0, document.body.scrollHeight);
    const box = button.getBoundingClientRect();
    const there = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return button === there || button.contains(there);
}"""


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_button_below_the_form_can_be_pressed_on_ones_own_list(app, open_page, size):
    amina = make_person(make_network(), "Amina", phone="416 555 0142")
    link = new_link(amina, NOW)
    db.session.commit()
    page = open_with_link(open_page(*size), f"/garrison/link/{link}")
    page.goto("/garrison/mine/never")
    assert page.get_by_role("button", name="Show my list").evaluate(CAN_BE_PRESSED)


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_button_below_the_form_can_be_pressed_on_the_page_of_a_member(app, open_page, size):
    network = make_network()
    ines = make_member(network, "steward", name="Inês", email="ines@example.org")
    dee = make_member(network, "helper", name="Dee")
    db.session.commit()
    page = open_page(*size)
    sign_in(page, ines)
    page.goto(f"/garrison/members/{dee.id}")
    assert page.get_by_role("button", name="End their role now").evaluate(CAN_BE_PRESSED)
