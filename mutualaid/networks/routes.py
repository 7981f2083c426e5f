"""Routes of networks."""

from flask import Blueprint

bp = Blueprint("networks", __name__)
