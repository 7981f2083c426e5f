"""Routes of phone."""

from flask import Blueprint

bp = Blueprint("phone", __name__)
