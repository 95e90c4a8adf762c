"""Headless Chromium, and a folder as its web: for the PDF, README's moving picture, and the browser tests.

Playwright's own browsers are not used: CHROMIUM names the program, or else it is looked for on the PATH.
"""

import contextlib
import functools
import http.server
import os
import shutil
import threading

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-gpu-watchdog",  # a busy machine is no reason to give up
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, in silence."""

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def served(folder):
    """A web server for the files of a folder, on a free port; gives its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@contextlib.contextmanager
def headless():
    """A headless Chromium, as a Playwright browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextlib.contextmanager
def chromium(folder, **options):
    """A page of such a browser, for which the files of this folder are the web."""
    with served(folder) as address, headless() as browser:
        yield browser.new_page(base_url=address, **options)
