"""What a browser does that nobody sees: whom it asks, what our policy refuses it, and what it keeps."""

from playwright.sync_api import Page

KEPT = """async () => ({
    local: localStorage.length, session: sessionStorage.length,
    caches: (await caches.keys()).length, databases: (await indexedDB.databases()).length,
    workers: (await navigator.serviceWorker.getRegistrations()).length })"""


class Watch:
    """Requests that leave `home`, and what a page wanted and the policy refused. It works without JavaScript, too."""

    def __init__(self) -> None:
        self.elsewhere: list[str] = []
        self.refused: list[str] = []

    def over(self, page: Page, home: str) -> None:
        def asked(address: str) -> None:
            if not address.startswith((home, "data:")):
                self.elsewhere.append(address)

        def said(words: str) -> None:
            if "Content Security Policy" in words:
                self.refused.append(words)

        page.on("request", lambda request: asked(request.url))
        page.on("console", lambda message: said(message.text))


def kept(page: Page) -> dict[str, int]:
    """What stands in the browser for us, of each kind that there is."""
    return {"cookies": len(page.context.cookies()), **page.evaluate(KEPT)}
