"""Mutual aid: neighbours post needs and offers, and what was promised is followed until it is done."""

import os
from typing import Any

from babel.support import NullTranslations, Translations
from flask import Flask, g
from flask_babel import Babel, Domain
from flask_compress import Compress
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from mutualaid import cli, config, logs, web
from mutualaid.db import db, prepare_engine
from mutualaid.people.signed_in import account_of
from mutualaid.sealed import keyring


class MutualAid(Flask):
    def log_exception(self, exc_info: Any) -> None:
        """Nothing yet: `errors.broken` writes it down, with the reference that its page shows."""


def create_app(settings: dict[str, Any] | None = None) -> Flask:
    """The app, with settings from the environment unless `settings` says otherwise."""
    app = MutualAid(
        "mutualaid",
        root_path=str(config.ROOT / "mutualaid"),
        instance_path=str(config.instance_path()),
        static_folder=str(config.ROOT / "static"),
        template_folder=str(config.ROOT / "templates"),
    )
    app.config.from_mapping(config.from_environment() | (settings or {}))
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=app.config["PROXIES"])  # type: ignore[method-assign]
    logs.start(app)
    if app.config["KEYS"]:
        keyring.load(app.config["KEYS"])
    if not os.environ.get("KEYS"):
        keyring.follow(config.keys_file(app.config["INSTANCE"]))
    start_database(app)
    start_extensions(app)
    web.register(app)
    cli.register(app)
    return app


def start_database(app: Flask) -> None:
    db.init_app(app)
    Migrate(app, db, directory=str(config.ROOT / "migrations"), render_as_batch=True)
    with app.app_context():
        prepare_engine(db.engine)


def start_extensions(app: Flask) -> None:
    CSRFProtect(app)
    Compress(app)
    babel = Babel(
        app,
        locale_selector=web.choose_language,
        default_translation_directories=str(config.ROOT / "translations"),
    )
    babel.domain_instance = OneLanguage()
    LoginManager(app).request_loader(account_of)


class OneLanguage(Domain):  # type: ignore[misc]  # flask-babel has no types
    """Finds the words of a request's language once; else it is done for every word, and a page has hundreds."""

    def get_translations(self) -> Translations | NullTranslations:
        kept = g._flask_babel  # flask-babel clears `babel_translations` there when the language changes
        if getattr(kept, "babel_translations", None) is None:
            kept.babel_translations = super().get_translations()
        found: Translations | NullTranslations = kept.babel_translations
        return found
