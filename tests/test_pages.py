"""Every page: it opens, has a title, labelled fields, no id twice, and asks the database little."""

from collections import Counter

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from mutualaid.aid.models import Post
from mutualaid.db import db
from tests.pages import addresses, enter, make_town

MOST_QUERIES = 8
WHO = ("public", "amina", "dee", "bo", "ines")


@pytest.fixture
def open_all(client, opened):
    """Every page of one of the cast, parsed. It is opened once for all tests here: they only read."""

    def pages(who):
        if who not in opened:
            opened[who] = open_pages(client, who)
        return opened[who]

    return pages


@pytest.fixture(scope="module")
def opened():
    return {}


def open_pages(client, who):
    town = make_town()
    visitor = enter(client, town, who)
    pages = []
    for address in addresses(town)[who]:
        answer = visitor.get(address, follow_redirects=True)
        assert (address, answer.status_code) == (address, 200)
        pages.append((address, BeautifulSoup(answer.data, "html.parser")))
    return pages


@pytest.mark.parametrize("who", WHO)
def test_every_page_has_a_title_and_one_heading(open_all, who):
    for address, page in open_all(who):
        assert page.title.get_text(strip=True), address
        assert len(page.find_all("h1")) == 1, address
        assert page.html["lang"], address


@pytest.mark.parametrize("who", WHO)
def test_every_field_has_a_label(open_all, who):
    for address, page in open_all(who):
        labelled = {label.get("for") for label in page.find_all("label")}
        for field in page.find_all(["input", "select", "textarea"]):
            if field.get("type") not in ("hidden", "submit"):
                assert field.get("id") in labelled or field.get("aria-label") or field.find_parent("label"), (
                    address,
                    field,
                )


@pytest.mark.parametrize("who", WHO)
def test_no_id_stands_twice(open_all, who):
    for address, page in open_all(who):
        ids = Counter(tag["id"] for tag in page.find_all(id=True))
        assert [name for name, times in ids.items() if times > 1] == [], address


@pytest.mark.parametrize("who", WHO)
def test_every_reference_to_an_id_is_met(open_all, who):
    for address, page in open_all(who):
        ids = {tag["id"] for tag in page.find_all(id=True)}
        for name in ("aria-labelledby", "aria-describedby", "for"):
            for tag in page.find_all(attrs={name: True}):
                wanted = tag[name] if isinstance(tag[name], list) else tag[name].split()
                assert set(wanted) <= ids, (address, tag)


@pytest.mark.parametrize("who", WHO)
def test_no_field_cuts_what_is_pasted_without_a_word(open_all, who):
    for address, page in open_all(who):
        assert page.find_all(maxlength=True) == [], address


@pytest.mark.parametrize("who", WHO)
def test_no_page_has_styles_or_scripts_of_its_own(open_all, who):
    for address, page in open_all(who):
        assert page.find_all(style=True) == [], address
        assert [script for script in page.find_all("script") if not script.get("src")] == [], address


@pytest.mark.parametrize("who", WHO)
def test_every_form_that_changes_something_carries_its_token(open_all, who):
    for address, page in open_all(who):
        for form in page.find_all("form", method="post", action=lambda action: action != "/leave"):
            assert form.find("input", attrs={"name": "csrf_token"}), (address, form)


@pytest.mark.once
@pytest.mark.parametrize("who", WHO)
def test_page_asks_few_queries_however_much_it_lists(app, client, count_queries, who):
    town = make_town(each=25)
    visitor = enter(client, town, who)
    for address in addresses(town)[who]:
        visitor.get(address)  # the first of all sets up what is kept for later
        with count_queries() as asked:
            visitor.get(address)
        assert len(asked) <= MOST_QUERIES, (address, len(asked), asked)


def test_query_counter_finds_a_query_in_a_loop(app, count_queries):
    town = make_town(each=5)
    db.session.expire_all()
    with count_queries() as asked:
        for post in db.session.scalars(select(Post).where(Post.network_id == town.network.id)):
            assert post.person.name
    assert len(asked) > MOST_QUERIES


# Shown only right after something was sent (their tests stand with posting, the phone and the second way), or no page.
NOT_LISTED = {"static", "posting.posted", "posting.start", "phone.written", "signing_in.second_step"}


def test_no_page_is_forgotten_here(app):
    adapter = app.url_map.bind("localhost")
    listed = {
        adapter.match(address.split("?")[0])[0]
        for pages in addresses(make_town()).values()
        for address in pages
    }
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods}
    assert pages - listed == NOT_LISTED
