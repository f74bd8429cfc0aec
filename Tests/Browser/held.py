"""Requests of a page that a test holds, answers in the server's place, or loses."""

import contextlib

import playwright.sync_api

from darkroom import seen


class Held:
    """Each request that matches waits until the test says what becomes of it."""

    def __init__(self, page, pattern, method=None):
        self.page = page
        self.pattern = pattern
        self.routes = []
        self.method = method
        page.route(pattern, self._take)

    def _take(self, route):
        if self.method in (None, route.request.method):
            self.routes.append(route)
        else:
            route.fallback()

    def next(self):
        seen(self.page, lambda: self.routes, f"a request for {self.pattern}")
        return self.routes.pop(0)

    def let_go(self):
        """Those that wait, and all to come."""
        self.page.unroute(self.pattern, self._take)
        for route in self.routes:
            # The page may have given it up.
            with contextlib.suppress(playwright.sync_api.Error):
                route.continue_()
        self.routes.clear()


def lose(route):
    """The server acts, and the page never learns it."""
    answer = route.fetch()
    route.abort("connectionreset")
    return answer


def refuse(route, status=503, code="unavailable"):
    route.fulfill(status=status, content_type="application/problem+json",
                  headers={"Tus-Resumable": "1.0.0"},
                  body=f'{{"code": "{code}", "title": "{code}"}}')
