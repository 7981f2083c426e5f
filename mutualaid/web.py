"""What every web page shares: which network, who is asking, in which language; and the blueprints."""

from datetime import datetime
from typing import Any

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask_babel import gettext, ngettext
from sqlalchemy import and_, select
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response

from mutualaid import errors, headers, patterns, permissions, restoring, what_we_hold
from mutualaid.actors import Actor, nobody
from mutualaid.addresses import numbered
from mutualaid.aid import (
    desk,
    desk_calls,
    desk_matches,
    desk_never,
    desk_plan,
    desk_posts,
    home,
    matches,
    mine,
    near,
    never,
    own,
    phone,
    posting,
    weights,
    words,
)
from mutualaid.aid.messages import desk as desk_messages
from mutualaid.aid.messages import pages as messages
from mutualaid.config import LANGUAGES
from mutualaid.db import db, set_reading_only, utcnow
from mutualaid.heartbeat import Heartbeat
from mutualaid.networks import invitation, members, steward
from mutualaid.networks import routes as networks
from mutualaid.networks.models import Membership, Network, leads_anywhere
from mutualaid.networks.second_way import wanted_from
from mutualaid.networks.two_people import for_another
from mutualaid.networks.verbs import SLUG
from mutualaid.notices import lost, reset
from mutualaid.people import access_routes as access
from mutualaid.people import account, second, sessions, signed_in, signing_in
from mutualaid.people import routes as people
from mutualaid.people.access import person_in
from mutualaid.people.models import Account, AccountSession, Person
from mutualaid.people.signed_in import SignedIn
from mutualaid.static_files import drawings, versioned

RIGHT_TO_LEFT = {"ar", "fa", "he", "ur", "ps"}
ALWAYS = {"static", "people.leave", "people.away"}
BLUEPRINTS = (
    people,
    signing_in,
    account,
    access,
    networks,
    members,
    invitation,
    steward,
    weights,
    reset,
    lost,
    home,
    posting,
    mine,
    matches,
    messages,
    near,
    never,
    own,
    desk,
    desk_posts,
    desk_matches,
    desk_plan,
    desk_calls,
    desk_messages,
    desk_never,
    phone,
    what_we_hold,
)


class RowId(IntegerConverter):
    """A number in an address: one that is larger than the database can hold is nobody's, so nothing is there."""

    def __init__(self, url_map: Map, **limits: Any) -> None:
        super().__init__(url_map, **{"max": 2**63 - 1} | limits)


def register(app: Flask) -> None:
    app.url_map.converters["int"] = RowId
    for module in (*BLUEPRINTS, *((patterns,) if app.debug or app.testing else ())):
        app.register_blueprint(module.bp)
    app.url_value_preprocessor(take_slug)
    app.url_defaults(give_slug)
    app.url_defaults(versioned)
    app.before_request(refuse_while_restoring)
    app.before_request(begin)
    headers.register(app)
    app.context_processor(page_words)
    words.register(app)
    app.jinja_env.globals.update(drawings=drawings, numbered=numbered)
    errors.register(app)


def take_slug(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """The first thing of all, so that a page that refuses a request knows the time, too."""
    g.now = utcnow()
    g.leads = leads_anywhere
    g.slug = values.pop("slug", None) if values else None


def give_slug(endpoint: str, values: dict[str, Any]) -> None:
    if "slug" not in values and g.get("slug") and "." in endpoint and endpoint_wants_slug(endpoint):
        values["slug"] = g.slug


def endpoint_wants_slug(endpoint: str) -> bool:
    return current_app.url_map.is_endpoint_expecting(endpoint, "slug")


def refuse_while_restoring() -> tuple[str, int] | None:
    """Leave quickly works nevertheless."""
    if request.endpoint in ALWAYS or not restoring.stage():
        return None
    return errors.restoring()


def begin() -> Response | None:
    """Load g.network, g.actor (whoever signed in, else whoever holds a code or link) and g.neighbour (the reverse)."""
    view = current_app.view_functions.get(request.endpoint or "")
    reads = request.method in ("GET", "HEAD", "OPTIONS") or hasattr(view, "reads_first")
    set_reading_only(reads)
    g.network, g.member, g.actor, g.member_actor, g.second_way_by = None, None, None, None, None
    if request.endpoint == "static" or not g.get("slug"):
        return None
    g.network, g.member = load_network(g.slug) if SLUG.fullmatch(g.slug) else (None, None)
    if g.network is None:
        abort(404)
    if g.signed_in and not reads:
        sessions.used(g.signed_in.row, now=g.now)
    if lacks_second_way():
        g.member = None
        if getattr(view, "permission", "") != "public":
            return redirect(url_for("account.show", wanted=1))
    g.member_actor = member = member_actor(g.member, g.now)
    guest = guest_actor(g.network)
    g.actor = member or guest or nobody(g.network.id)
    g.neighbour = guest or member or nobody(g.network.id)
    return None


def lacks_second_way() -> bool:
    """Whether their role here is closed to them until they have one. g.second_way_by: until when they have time."""
    if g.member and not g.signed_in.has_second:
        g.second_way_by = wanted_from(g.network, g.member, g.now)
    return g.second_way_by is not None and g.now >= g.second_way_by


def load_network(slug: str) -> tuple[Network | None, Membership | None]:
    """The network and, when somebody is signed in and not erased here, their membership with its person: one query.

    It brings their session and account too, and when the worker last ran, so that nothing else has to ask.
    """
    stands = (Network.slug == slug, Network.wiping_at.is_(None))
    known = signed_in.token_hash()
    if known is None:
        signed_in.take(None, sessions.LEADER)
        return db.session.scalars(select(Network).where(*stands)).first(), None
    row: Any = db.session.execute(  # all but the network may be none
        select(
            Network,
            Membership,
            Person,
            AccountSession,
            Account,
            second.there(),
            for_another(g.now),
            Heartbeat,
            g.leads(g.now),
        )
        .select_from(Network)
        .outerjoin(Heartbeat, Heartbeat.id == 1)
        .outerjoin(AccountSession, AccountSession.token_hash == known)
        .outerjoin(Account, Account.id == AccountSession.account_id)
        .outerjoin(Membership, and_(Membership.network_id == Network.id, Membership.account_id == Account.id))
        .outerjoin(Person, and_(Person.network_id == Network.id, Person.id == Membership.person_id))
        .where(*stands)
    ).first()
    if row is None:
        return None, None
    network, member, person, session_, account_, has_second, g.to_answer, g.heartbeat, leads = row
    signed_in.take(SignedIn(session_, account_, has_second) if session_ else None, sessions.lasts(leads))
    here = g.signed_in and person and person.erased_at is None
    return network, member if here else None


def member_actor(member: Membership | None, now: datetime) -> Actor | None:
    if member is None or not member.stands(now):
        return None
    return Actor(
        member.network_id,
        member.person_id,
        member.role,
        "account",
        frozenset(int(a) for a in member.area_ids),
    )


def guest_actor(network: Network) -> Actor | None:
    """Whoever came in by code or link: kept in the signed session cookie, per network."""
    seat = session.get(f"guest:{network.id}")
    g.guest = person = person_in(network.id, seat) if seat else None  # held, so that the session keeps it
    return Actor(network.id, person.id, "neighbour", seat["via"]) if person and seat else None


def choose_language() -> str:
    """What the visitor chose, else the best of the network's languages for their browser."""
    network = g.get("network")
    offered = [code for code in (network.languages if network else LANGUAGES) if code in LANGUAGES] or ["en"]
    chosen = session.get("language")
    return chosen if chosen in offered else request.accept_languages.best_match(offered) or offered[0]


def page_words() -> dict[str, Any]:
    language = choose_language()
    return {
        "lang": language,
        "dir": "rtl" if language in RIGHT_TO_LEFT else "ltr",
        "languages": languages_offered(),
        "permissions": permissions,
        "nav": desk_nav() if g.get("actor") else [],
        "_": gettext,
        "ngettext": ngettext,
    }


def languages_offered() -> list[tuple[str, str]]:
    network = g.get("network")
    return [(code, name) for code, name in LANGUAGES.items() if not network or code in network.languages]


def people_words(to_answer: int) -> str:
    """With how many roles wait there for a second person's yes."""
    if not to_answer:
        return str(gettext("People"))
    return str(ngettext("People (%(num)s waits)", "People (%(num)s wait)", to_answer))


def desk_nav() -> list[tuple[str, str, bool]]:
    """What stands in the bar above the desk: (address, words, whether we are there)."""
    if not permissions.may_see_desk(g.actor):
        return []
    places = [
        ("desk.show", gettext("Desk")),
        ("phone.caller", gettext("Phone")),
        ("members.show", people_words(g.to_answer)),
    ]
    if permissions.may_steward(g.actor):
        places.append(("steward.settings", gettext("Settings")))
    here = (request.endpoint or "").split(".")[0].split("_")[0]  # desk_posts is on the desk
    return [(url_for(endpoint), words_, endpoint.split(".")[0] == here) for endpoint, words_ in places]
