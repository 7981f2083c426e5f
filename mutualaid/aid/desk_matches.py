"""Routes of desk_matches."""

from flask import Blueprint

bp = Blueprint("desk_matches", __name__)
