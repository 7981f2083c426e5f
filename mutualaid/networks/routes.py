"""The first page of the installation, and the language of all pages."""

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from mutualaid.db import db
from mutualaid.guard import local_path, public
from mutualaid.networks.models import Membership, Network

bp = Blueprint("networks", __name__)


@bp.get("/")
@public
def first() -> Response | str:
    """To where one belongs: a member's own network, or the only one; else the list of those that show themselves."""
    standing = memberships(current_user.id) if current_user.is_authenticated else []
    if len(standing) == 1:
        return redirect(place_of(*standing[0]))
    networks = list(
        db.session.scalars(
            select(Network).where(Network.wiping_at.is_(None)).order_by(Network.name, Network.id)
        )
    )
    if len(networks) == 1:
        return redirect(url_for("home.show", slug=networks[0].slug))
    public_ones = [network for network in networks if network.public]
    mine = [(network, place_of(member, network)) for member, network in standing]
    return render_template("networks/first.html", networks=public_ones, mine=mine, begun=bool(networks))


def memberships(account_id: int) -> list[tuple[Membership, Network]]:
    """Those that stand now, by the network's name."""
    rows = db.session.execute(
        select(Membership, Network)
        .join(Network, Network.id == Membership.network_id)
        .where(Membership.account_id == account_id, Network.wiping_at.is_(None))
        .order_by(Network.name, Network.id)
    )
    return [(member, network) for member, network in rows if member.stands(g.now)]


def place_of(member: Membership, network: Network) -> str:
    """Where a member begins: the desk, or the needs near them."""
    return url_for("near.show" if member.role == "helper" else "desk.show", slug=network.slug)


@bp.post("/language")
@bp.post("/<slug>/language")
@public
def language() -> Response:
    """Kept in the session; pages look whether they have it."""
    session["language"] = request.form.get("language", "")[:12]
    back = url_for("home.show") if g.network else url_for(".first")
    return redirect(local_path(request.form.get("next")) or back, 303)
