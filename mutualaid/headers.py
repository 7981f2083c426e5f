"""What every answer tells the browser: keep nothing, load nothing from elsewhere, and tell nobody about us."""

from flask import Flask, Response, current_app, request

# No page has a script or a style of its own, so none needs a nonce; `data:` is the empty icon of the page without us.
POLICY = (
    "default-src 'none'; object-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
}
A_YEAR = "max-age=31536000"


def register(app: Flask) -> None:
    app.after_request(keep_private)


def keep_private(response: Response) -> Response:
    """Pages are about people: nothing is kept, framed, sniffed, or told to other hosts."""
    response.headers.update(ALWAYS)
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = A_YEAR
    return response
