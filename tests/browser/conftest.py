"""A real JupyterLab, or Notebook 7, in headless Chromium, and a hand that draws in its drawing pads.

Everything is skipped, with the reason, where Chromium, Playwright, JupyterLab or Notebook is missing.
"""

import functools
import importlib.util
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from browser import CHROMIUM, served
from browser import headless as chromium
from course import ROOT
from filelock import FileLock

SIDE = 280  # units of the pad's paper


def missing():
    """What the browser tests lack on this machine, in words, or None."""
    for package in ("playwright", "jupyterlab", "notebook"):
        if importlib.util.find_spec(package) is None:
            return f"the package {package} is not installed (pip install 'mnistlib[browser]')"
    return None if CHROMIUM else "there is no Chromium on the PATH"


@contextmanager
def jupyter(root, home):
    """A Jupyter server for the folder `root`, with settings of its own in `home`; gives its address."""
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True, exist_ok=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {f"JUPYTER_{name}_DIR": str(home / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    own |= {"IPYTHONDIR": str(home / "ipython"), "JUPYTERLAB_SETTINGS_DIR": str(home / "settings")}
    command = (
        f"-m jupyter lab --no-browser --allow-root --ip=127.0.0.1 --port={port} --ServerApp.port_retries=0 "
        f"--IdentityProvider.token= --ServerApp.password="
    )
    process = subprocess.Popen(
        [sys.executable, *command.split(), f"--ServerApp.root_dir={root}"],
        env={**os.environ, **own},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"

    def answers():
        assert process.poll() is None, "the Jupyter server has ended"
        with suppress(OSError), urllib.request.urlopen(f"{url}/api", timeout=2):
            return True

    try:
        wait_until(answers, "the Jupyter server's first answer", seconds=240)
        yield url
    finally:
        process.terminate()
        process.wait(240)


def write_notebook(path, cells):
    """A notebook of code cells, not run yet."""
    import nbformat

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)


def open_and_run(browser, url, name, app="lab", height=1000, **context):
    """Open the notebook `name` of the server's folder in a new page, and run all its cells."""
    page = browser.new_context(viewport={"width": 1280, "height": height}, **context).new_page()
    page.set_default_timeout(60_000)  # on a busy machine; an idle one needs a second
    page.goto(f"{url}/{'lab/tree' if app == 'lab' else 'notebooks'}/{name}{'?reset' if app == 'lab' else ''}")
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=180_000)
    # Until the kernel is there, "Run All" opens a dialogue instead of running anything.
    page.wait_for_function(IDLE, timeout=180_000)
    time.sleep(0.5)
    run_all(page)
    return page


def wait_until(condition, what, seconds=60):
    """Wait until condition() is true: the page draws when it has time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.1)


IDLE = """() => /\\| Idle/.test(document.querySelector('#jp-main-statusbar')?.innerText ?? '')
    || /idle/i.test(document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status ?? '')"""
# textContent, since a folded cell's innerText is empty
PROMPTS = "() => [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(e => e.textContent)"
ERROR = '[data-mime-type="application/vnd.jupyter.error"]'


def run_all(page, timeout=300):
    """Run all cells and wait until the last one has finished.

    While JupyterLab is still starting, on a busy machine, it can lose the order to run: if nothing runs and
    the cells have not got new numbers, they are run again.
    """
    before = page.evaluate(PROMPTS)
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        page.locator(".jp-Notebook .jp-Cell").first.locator(".jp-InputPrompt").click()
        page.get_by_role("menuitem", name="Run", exact=True).first.click()
        page.locator('[data-command="runmenu:run-all"]').first.click()
        quiet = 0
        while quiet < 3 and time.monotonic() < deadline:  # seconds in which nothing runs
            time.sleep(0.25)
            if page.locator(ERROR).count():
                raise RuntimeError(f"a cell failed:\n{page.locator(ERROR).first.inner_text()}")
            now, idle = page.evaluate(PROMPTS), page.evaluate(IDLE)
            shown = [text for text in now if text.strip()]  # JupyterLite gives a folded cell no number
            done = shown and all(re.search(r"\d", text) for text in shown) and not set(shown) & set(before)
            if done and idle:
                return
            quiet = 0 if "*" in "".join(now) or not idle else quiet + 0.25
    raise RuntimeError(f"the notebook has not finished after {timeout} s; its cells: {now}")


class Hand:
    """Draws in one of a page's drawing pads and reads what it shows."""

    def __init__(self, page, number=0):
        self.page = page
        self.pad = page.locator(".mnist-pad").nth(number)
        self.pad.wait_for(timeout=60_000)
        self.paper = self.pad.locator(".mnist-pad-paper")

    @functools.cached_property
    def touchscreen(self):
        return self.page.context.new_cdp_session(self.page)

    def spots(self, stroke):
        """A stroke's points (units of the paper) as places on the page."""
        self.paper.scroll_into_view_if_needed()
        box = self.paper.bounding_box()
        return [(box["x"] + x / SIDE * box["width"], box["y"] + y / SIDE * box["height"]) for x, y in stroke]

    def draw(self, strokes, pause=0.0):
        """Draw with the mouse; `pause` seconds between two moves."""
        for stroke in strokes:
            first, *others = self.spots(stroke)
            self.page.mouse.move(*first)
            self.page.mouse.down()
            for spot in others:
                self.page.mouse.move(*spot, steps=2)
                time.sleep(pause)
            self.page.mouse.up()

    def touch(self, strokes):
        """Draw with a finger, by touch events of Chromium's debugging protocol."""
        for stroke in strokes:
            first, *others = self.spots(stroke)
            self.fingers("touchStart", [first])
            for spot in others:
                self.fingers("touchMove", [spot])
            self.fingers("touchEnd", [])

    def fingers(self, kind, spots):
        """A touch event with fingers at these spots of the page."""
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(spots)]
        self.touchscreen.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def press(self, *keys):
        """Press keys while the paper has the focus."""
        self.paper.focus()
        for key in keys:
            self.page.keyboard.press(key)

    def sample(self, digit):
        """Have a sample digit written by its key, and wait until it is read: it comes from the kernel."""
        self.press(str(digit))
        self.wait_for_digit(digit)

    def wait_for_digit(self, digit):
        """Wait until the pad reads this digit, whoever drew it."""
        self.pad.locator(".mnist-pad-digit").filter(has_text=str(digit)).wait_for(timeout=60_000)

    def settle(self):
        """Wait until the answer to what is on the paper now is shown."""
        # an animation frame, so that what was just done has been noticed
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        self.page.wait_for_function(
            "pad => pad.dataset.state === 'settled'", arg=self.pad.element_handle(), timeout=60_000
        )

    def text(self, name):
        return self.pad.locator(f".mnist-pad-{name}").inner_text()

    def says(self):
        """The answer in words, once it has come."""
        self.settle()
        return self.text("says")

    def digit(self):
        """The digit that the pad reads, as it stands there in large, or None."""
        self.settle()
        return int(self.text("digit")) if self.text("digit") else None

    def percents(self):
        """The ten numbers beside the bars."""
        self.settle()
        texts = self.pad.locator(".mnist-pad-bars span").all_inner_texts()
        return [float(re.sub(" %$", "", text)) for text in texts if text]

    def strokes(self):
        """How many strokes of ink there are on the paper."""
        return self.pad.locator(".mnist-pad-ink path").count()

    def image(self):
        """The 28 × 28 image on the page, as 784 grey values."""
        return self.pad.locator("canvas").evaluate(
            "c => [...c.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 0)"
        )

    def button(self, name):
        return self.pad.get_by_role("button", name=name)

    def clear(self):
        """An empty paper, whatever was there before."""
        if self.strokes():
            self.button("Clear").click()
        self.settle()


def pytest_xdist_make_scheduler(config, log):
    """With `--dist loadgroup`, a file's tests go to one worker, where they share a server and pages.

    What shares none goes to whoever is free: notebooks, and the drawing pads in Lab and in Notebook 7.
    (The marks that pytest-xdist has for it are not noticed under pytest 9.2.)
    """
    from xdist.scheduler import LoadGroupScheduling

    class Scheduling(LoadGroupScheduling):
        def _split_scope(self, nodeid):
            file, _, test = nodeid.partition("::")
            if file.endswith("test_lite.py"):
                return nodeid
            return file + "notebook" * ("[notebook" in test)

    if config.getvalue("dist") == "loadgroup":
        return Scheduling(config, log)


@pytest.fixture(scope="module")
def browser():
    reason = missing()
    if reason:
        pytest.skip(reason)
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The folder that the Jupyter server shows."""
    return Path(tmp_path_factory.mktemp("notebooks"))


@pytest.fixture(scope="module")
def server(browser, root, tmp_path_factory):
    with jupyter(root, Path(tmp_path_factory.mktemp("home"))) as url:
        yield url


@pytest.fixture(scope="session")
def site(tmp_path_factory, worker_id):
    """The website, built and served: its folder, its url, and own(url), whether an address is one of its."""
    if importlib.util.find_spec("myst_nb") is None:
        pytest.skip("the site's packages are not installed (pip install 'mnistlib[site]')")
    common = tmp_path_factory.getbasetemp()
    common = common if worker_id == "master" else common.parent  # what all workers of pytest-xdist have
    with FileLock(common / "site.lock"):
        if not (common / "site.built").exists():
            script = ROOT / "scripts" / "make_site.py"
            built = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
            assert built.returncode == 0, built.stdout + built.stderr
            (common / "site.built").touch()
    folder = ROOT / "build" / "site"
    with served(folder) as url:
        yield SimpleNamespace(folder=folder, url=url, own=lambda it: it.startswith((url, "data:", "blob:")))
