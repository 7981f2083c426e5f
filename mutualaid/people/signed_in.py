"""What a browser keeps of a sign-in: a token, and when we last heard from it, in the signed cookie."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import g, session
from sqlalchemy import select

from mutualaid.db import db
from mutualaid.people import second, sessions
from mutualaid.people.models import Account, AccountSession

HEARD = timedelta(minutes=5)  # so rarely a cookie is sent only to say that it was heard from


@dataclass(frozen=True)
class SignedIn:
    """Who is asking, with which of their sessions, and whether they have a second way to sign in."""

    row: AccountSession
    account: Account
    has_second: bool


def start(account: Account) -> None:
    """This browser is signed in from now on; whoever was before is not any more."""
    sign_out()
    keep(sessions.begin(account, now=g.now))


def prove(signed_in: SignedIn) -> None:
    """They showed again who they are."""
    keep(sessions.prove(signed_in.row, now=g.now))


def sign_out() -> None:
    """Ends the session of this browser, here and in the database."""
    signed_in = now_signed_in()
    if signed_in is not None:
        sessions.end(signed_in.account.id, AccountSession.id == signed_in.row.id)
    session.pop("signed_in", None)
    g.signed_in = None


def keep(token: str) -> None:
    session["signed_in"] = {"token": token, "seen": int(g.now.timestamp())}


def token_hash() -> bytes | None:
    """What the session of this browser is found by; None without one."""
    kept = session.get("signed_in")
    return sessions.hash_of(kept["token"]) if kept else None


def now_signed_in() -> SignedIn | None:
    """Asks the database once a request; a page of a network has brought it with the network (web.load_network).

    g.leads, from `web`: whether an Account leads in any network; a session of whoever does lasts less long.
    """
    if "signed_in" not in g:
        known = token_hash()
        row = (
            db.session.execute(
                select(AccountSession, Account, second.there(), g.leads(g.now))
                .join(Account, Account.id == AccountSession.account_id)
                .where(AccountSession.token_hash == known)
            ).first()
            if known
            else None
        )
        lasts = sessions.lasts(row is not None and row[3])
        take(SignedIn(row[0], row[1], row[2]) if row else None, lasts, heard=False)
    return g.signed_in  # type: ignore[no-any-return]


def take(found: SignedIn | None, lasts: sessions.Lasts, *, heard: bool = True) -> None:
    """`found` is who is asking, if their session is not over; then it was heard from just now.

    Not on pages of no network (`heard`): whoever finds the browser opens the page to sign in on.
    """
    g.signed_in = None
    if found is None:
        return
    seen_at = datetime.fromtimestamp(session["signed_in"]["seen"], UTC)
    if sessions.is_over(found.row, seen_at, lasts, g.now):
        return
    g.signed_in = found
    if heard and g.now >= seen_at + HEARD:
        session["signed_in"] = session["signed_in"] | {"seen": int(g.now.timestamp())}


def account_of(_request: object) -> Account | None:
    """For Flask-Login, which then says who `current_user` is."""
    signed_in = now_signed_in()
    return signed_in.account if signed_in else None
