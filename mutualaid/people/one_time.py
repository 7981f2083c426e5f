"""One-time links (an invitation, a new password): a button exchanges the token for a place in the browser's session,
so that no address leads further. Programs that look through mail open every link, so opening it does nothing yet.
"""

from flask import g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from mutualaid.people import accounts
from mutualaid.people.models import Account, AccountToken

Answer = tuple[str, int]


def look(token: str, purpose: str) -> str:
    return render_template("people/one_time.html", token=token, purpose=purpose)


def take(purpose: str, to: str) -> Response | Answer:
    """The token comes in the form; the cookie keeps which it was, not the token. Then it goes on at `to`."""
    found = accounts.find_token(request.form.get("token", ""), purpose, g.now)
    if found is None:
        return ended(purpose)
    session[f"one_time:{purpose}"] = found[0].id
    return redirect(url_for(to), 303)


def taken(purpose: str) -> tuple[AccountToken, Account] | None:
    """What this browser has exchanged, while it still opens."""
    token_id = session.get(f"one_time:{purpose}")
    return accounts.find_token_by_id(token_id, purpose, g.now) if token_id else None


def ended(purpose: str) -> Answer:
    return render_template("people/token_ended.html", purpose=purpose, days=accounts.LASTS[purpose].days), 404
