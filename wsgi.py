"""Where a WSGI server and `flask --app wsgi` find the app."""

from mutualaid import create_app

app = create_app()
