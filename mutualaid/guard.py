"""Who may open a page. Every view carries exactly one of these marks, and a test reads them.

`@public`: anyone. `@account_only`: whoever signed in, about their own account. `@permission(may_…)`: asked of g.actor
before the view runs. `@permission_inside`: the view loads a thing and calls `require(may_…(g.actor, thing))` itself.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from flask import abort, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from mutualaid.actors import Actor

RECENT = timedelta(minutes=30)
View = TypeVar("View", bound=Callable[..., Any])


def require(ok: bool) -> None:
    """404 unless ok: what is forbidden and what is not there look the same."""
    if not ok:
        abort(404)


def public(view: View) -> View:
    """Anyone may open it."""
    return _marked(view, "public")


def account_only(view: View) -> View:
    """Whoever signed in, in whatever network, and only about themselves."""

    @wraps(view)
    def guarded(*args: Any, **values: Any) -> Any:
        return view(*args, **values) if current_user.is_authenticated else ask_to_sign_in()

    return _marked(guarded, "account")  # type: ignore[return-value]


def permission_inside(view: View) -> View:
    """The view itself calls `require` once it has loaded what it is about."""
    return _marked(view, "inside")


def permission(may: Callable[[Actor], bool]) -> Callable[[View], View]:
    """Only if `may(g.actor)`. Whoever is signed out is asked to sign in; whoever is signed in gets the 404."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **values: Any) -> Any:
            if may(g.actor):
                return view(*args, **values)
            return abort(404) if current_user.is_authenticated else ask_to_sign_in()

        return _marked(guarded, may.__name__)  # type: ignore[return-value]

    return decorate


def recent(view: View) -> View:
    """What an account does here is delicate: contact details, roles, ways to sign in, what leaves the program.

    Whoever showed who they are longer ago than RECENT is asked to do it again, and goes on where they were.
    """

    @wraps(view)
    def guarded(*args: Any, **values: Any) -> Any:
        return view(*args, **values) if is_recent() else ask_again()

    guarded.recent = True  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def is_recent() -> bool:
    signed_in = g.get("signed_in")
    return signed_in is not None and g.now < signed_in.row.proven_at + RECENT


def ask_again() -> Response:
    """A form that was being sent is sent on (307), so that nothing typed is lost: see people.signing_in.again."""
    here = request.full_path.rstrip("?")
    return redirect(url_for("signing_in.again", next=here), 302 if request.method == "GET" else 307)


def ask_to_sign_in() -> Any:
    """To the sign-in page, and from there back to where they were going."""
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("signing_in.show", next=here))


def local_path(path: str | None) -> str | None:
    """The path if it stays on this site, else None: nobody is sent elsewhere by a link to us."""
    return path if path and re.fullmatch(r"/(?![/\\])[^\\\x00-\x20]*", path) else None


def _marked(view: View, mark: str) -> View:
    if hasattr(view, "permission"):
        raise TypeError(f"{view.__name__} has two permissions.")
    view.permission = mark  # type: ignore[attr-defined]
    return view
