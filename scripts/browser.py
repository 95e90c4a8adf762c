"""Headless Chromium on a folder of pages: what the PDF and README's moving picture are made with."""

import contextlib
import functools
import http.server
import os
import shutil
import threading

from playwright.sync_api import sync_playwright

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, in silence."""

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def chromium(folder, **options):
    """A page of Playwright's, for which the files of this folder are the web."""
    handler = functools.partial(Handler, directory=folder)
    with (
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server,
        sync_playwright() as playwright,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_page(base_url=f"http://127.0.0.1:{server.server_port}/", **options)
        browser.close()
        server.shutdown()
