"""The course in JupyterLite, where Python runs in the page itself: whole notebooks in headless Chromium.

Needs a Pyodide in a folder, since no test asks its CDN: PYODIDE names it. The site is then built with it.
"""

import os
import re

import pytest
from conftest import IDLE, Hand, run_all

from mnistlib.pen import sample_strokes

pytestmark = [
    pytest.mark.lite,
    pytest.mark.skipif(not os.environ.get("PYODIDE"), reason="PYODIDE names no folder with Pyodide"),
]

PATIENCE = 600  # seconds for a notebook; the slowest takes a third of it on an idle machine
# 01 and 03 are run each time. The longest first: two cores are then both busy to the end.
BY_HAND = (
    "05-vectorized-batching",
    "09-draw-a-digit",
    "04-naive-backpropagation",
    "bug-hunt",
    "02-reading-mnist",
)


@pytest.fixture
def notebook(browser, site):
    """notebook(name): the page in which JupyterLite has opened that notebook, with its kernel ready."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(300_000)  # milliseconds: while Python computes, the page hardly answers
    foreign = []
    context.on("request", lambda request: foreign.append(request.url) if not site.own(request.url) else None)

    def open_notebook(name):
        page = context.new_page()
        page.goto(f"{site.url}lite/lab/index.html?path=notebooks/{name}.ipynb")
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=120_000)
        page.wait_for_function(IDLE, timeout=120_000)
        return page

    yield open_notebook
    context.close()
    assert foreign == []


def stderr(page):
    return page.locator('[data-mime-type="application/vnd.jupyter.stderr"]').all_inner_texts()


def test_widgets_work_and_changes_are_kept(notebook):
    page = notebook("03-random-network")
    run_all(page, timeout=PATIENCE)
    assert stderr(page) == []

    slider = page.get_by_role("slider").first
    slider.evaluate("e => e.scrollIntoView({block: 'center'})")
    words = page.locator(".mnist-words").first
    before = words.inner_text()
    box = slider.bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 48, box["y"] + 8, steps=8)
    page.mouse.up()
    page.wait_for_function("([e, before]) => e.innerText !== before", arg=[words.element_handle(), before])

    hand = Hand(page)
    hand.clear()
    hand.draw(sample_strokes(7, seed=2))
    assert re.match("This is|Probably|Hard to say", hand.says())
    assert len(hand.percents()) == 10

    editor = page.locator(".jp-Notebook .jp-CodeCell .cm-content").nth(1)
    editor.click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("# my own note\n")
    unsaved = page.locator(".lm-TabBar-tab.jp-mod-dirty")
    unsaved.wait_for()
    page.keyboard.press("Control+s")
    unsaved.wait_for(state="detached")
    page.close()
    page = notebook("03-random-network")
    page.locator(".jp-Notebook .jp-CodeCell", has_text="# my own note").wait_for(timeout=120_000)


@pytest.mark.parametrize(
    "name", [*(pytest.param(name, marks=pytest.mark.long) for name in BY_HAND), "01-numpy-quickstart"]
)
def test_runs_from_the_first_cell_to_the_last(notebook, name):
    page = notebook(name)
    run_all(page, timeout=PATIENCE)  # raises if a cell fails
    assert stderr(page) == []
