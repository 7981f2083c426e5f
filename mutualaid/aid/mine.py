"""Routes of mine."""

from flask import Blueprint

bp = Blueprint("mine", __name__)
