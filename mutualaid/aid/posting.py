"""Routes of posting."""

from flask import Blueprint

bp = Blueprint("posting", __name__)
