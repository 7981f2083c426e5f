"""How gunicorn serves the app. No access log: it would hold addresses of people who ask for help."""

import os
import sys

from mutualaid.sealed import NONE_YET, keyring

_host = os.environ.get("HOST", "127.0.0.1")
_port = os.environ.get("PORT", "8000")

wsgi_app = "wsgi:app"
bind = f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"
worker_class = "gthread"
workers = 2
threads = 4
preload_app = (
    True  # what is made once before the fork (the day's secret for limits) is the same in both workers
)
graceful_timeout = 10
# Errors alone: a warning about a request that cannot be read would name the address it came from.
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "mutualaid.logs.Formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"level": "WARNING", "handlers": ["stderr"]},
    "loggers": {"gunicorn.error": {"level": "ERROR", "handlers": ["stderr"], "propagate": False}},
}
control_socket_disable = True


def on_starting(_server):
    """Without keys nothing personal could be read or written: better not to begin at all."""
    if not keyring.current:
        sys.exit(NONE_YET)
