"""Routes of near."""

from flask import Blueprint

bp = Blueprint("near", __name__)
