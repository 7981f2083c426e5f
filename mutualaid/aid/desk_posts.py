"""Routes of desk_posts."""

from flask import Blueprint

bp = Blueprint("desk_posts", __name__)
