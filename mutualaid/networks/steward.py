"""Routes of steward."""

from flask import Blueprint

bp = Blueprint("steward", __name__)
