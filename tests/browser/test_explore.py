"""Explorations in JupyterLab, most without a mouse: knobs, steps, a training, and a table to click in."""

import functools
import re

import pytest
from conftest import open_and_run, wait_until, write_notebook

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.sync_api").expect  # waits, where `assert` would ask once

# the cells, and below them the explorations
NEURON, STEPS, LIVE, MISTAKES = range(1, 5)
CELLS = [
    """\
import numpy as np
from mnistlib import Network, synthetic_digits
from mnistlib.explore import *
from mnistlib.explore.steps import shrink
images, labels = synthetic_digits(300, seed=1)
rng = np.random.default_rng(1)
layers = [(rng.normal(0, 0.2, (49, 6)), np.zeros(6)), (rng.normal(0, 0.4, (6, 10)), np.zeros(10))]
class Reader:
    def probabilities(self, images):
        return np.eye(10)[np.where(labels == 4, 9, labels)]""",
    "Neuron(weight=1, bias=0, input=1)",
    "Steps(layers, shrink(images[0]), labels[0])",
    "FirstLayer(Network((784, 20, 10)), images, labels, epochs=10**6, batch_size=10, learning_rate=0.01)",
    "Mistakes(Reader(), images, labels)",
]
PATIENCE = 60_000  # milliseconds; on an idle machine no test waits for one second


@pytest.fixture(scope="module")
def page(browser, server, root):
    write_notebook(root / "explore.ipynb", CELLS)
    page = open_and_run(browser, server, "explore.ipynb", height=6000)
    page.keyboard.press("Control+b")  # closes the side bar
    page.mistakes = []
    page.on("pageerror", lambda error: page.mistakes.append(str(error)))
    yield page
    assert page.mistakes == []
    page.context.close()


@pytest.fixture
def below(page):
    """below(cell): what is shown below the cell of that number."""

    def below(cell):
        area = page.locator(".jp-Notebook .jp-Cell").nth(cell).locator(".jp-OutputArea-output")
        area.scroll_into_view_if_needed()
        return area

    return below


def wait_for(place, pattern):
    """Wait until the place shows words that match the pattern."""
    place.filter(has_text=re.compile(pattern)).wait_for(timeout=PATIENCE)


def words(area, number=0):
    return area.locator(".mnist-words").nth(number)


def wait_for_picture(area, alt, number=0):
    """Wait until a picture with these alternative words is there, and drawn."""
    image = area.locator(".mnist-picture img").nth(number)
    image.page.wait_for_function(
        "([image, alt]) => image.alt.includes(alt) && image.complete && image.naturalWidth > 100",
        arg=[image.element_handle(), alt],
        timeout=PATIENCE,
    )
    return image


def wait_for_rows(area, count):
    """Wait until the area's table has so many rows below its head."""
    expect(area.locator("table tbody tr")).to_have_count(count, timeout=PATIENCE)


def press(area, key, number=0):
    """Press a key on the area's slider of that number."""
    area.get_by_role("slider").nth(number).press(key)


def test_the_knobs_of_a_neuron_turn_with_the_arrow_keys(below):
    area = below(NEURON)
    expect(area.get_by_role("slider")).to_have_count(3, timeout=PATIENCE)
    wait_for(words(area), re.escape("= 1.00. Sigmoid: 0.73. ReLU: 1.00."))
    expect(words(area)).to_have_attribute("role", "status", timeout=PATIENCE)  # changes are announced
    wait_for_picture(area, "weight 1.0")
    press(area, "ArrowRight")
    wait_for(words(area), re.escape("1.0 · 1.1 + 0.0 = 1.10."))
    wait_for_picture(area, "weight 1.1")
    wait_for_picture(area, "weight 1.1", number=1)
    press(area, "ArrowLeft", number=1)
    wait_for(words(area), re.escape("+ (−0.1) = 1.00."))


def test_steps_go_forward_and_back_with_buttons_and_arrow_keys(below):
    area = below(STEPS)
    wait_for(words(area), "1 of 8 · The image")
    wait_for_picture(area, "The image")
    expect(area.get_by_role("button", name="Back")).to_be_disabled(timeout=PATIENCE)
    area.get_by_role("button", name="Next").press("Enter")
    wait_for(words(area), "2 of 8 · Hidden neurons")
    wait_for_rows(area, 6)
    press(area, "ArrowRight")
    wait_for(words(area), "3 of 8 · Outputs")
    wait_for_rows(area, 10)
    area.get_by_role("button", name="Back").press("Enter")
    wait_for(words(area), "2 of 8")
    press(area, "End")
    wait_for(words(area), "8 of 8 · Gradient of W₁")
    wait_for_picture(area, "Gradient of W₁")
    expect(area.get_by_role("button", name="Next")).to_be_disabled(timeout=PATIENCE)
    press(area, "Home")
    wait_for(words(area), "1 of 8")


def test_a_training_is_watched_and_stopped(below):
    area = below(LIVE)
    start, stop = area.get_by_role("button", name="Start training"), area.get_by_role("button", name="Stop")
    wait_for(words(area), "Not started")
    expect(stop).to_be_disabled(timeout=PATIENCE)
    start.press("Enter")
    wait_for(words(area), "Running")
    expect(start).to_be_disabled(timeout=PATIENCE)
    wait_for(words(area, 1), r"After [\d,]+ batches")
    expect(words(area, 1)).not_to_have_text(words(area, 1).inner_text(), timeout=PATIENCE)
    stop.press("Enter")
    wait_for(words(area), r"Stopped after [\d,]+ batches")
    batches = re.search(r"[\d,]+", words(area).inner_text())[0]
    wait_for(words(area, 1), f"After {batches} batches: loss of the batch")
    wait_for_picture(area, f"After {batches} batches")
    expect(start).to_be_enabled(timeout=PATIENCE)
    expect(stop).to_be_disabled(timeout=PATIENCE)
    press(area, "Home")
    wait_for_picture(area, "Before the training")
    area.get_by_role("button", name="changes").press("Enter")
    wait_for_picture(area, "changes")


def test_mistakes_show_the_images_of_the_chosen_cell(below):
    area = below(MISTAKES)
    wait_for(words(area), r"4 read as 9: \d+ times\. Shown: 1 to 10\.")
    wait_for_picture(area, "10 images of a 4", number=1)
    area.get_by_role("button", name="Next").click()
    wait_for(words(area), r"Shown: 11 to ")
    table = wait_for_picture(area, "Chosen: it was 4, the network said 9")
    box = table.bounding_box()
    table.click(position={"x": 0.63 * box["width"], "y": 0.4 * box["height"]})
    wait_for(words(area), r"4 read as \d: never\.")
    area.locator("select").nth(1).select_option("9")  # for those who have no mouse
    wait_for(words(area), r"4 read as 9: ")


FITS = """area => area.scrollWidth <= area.clientWidth + 1 && [...area.querySelectorAll('.mnist-picture img')]
    .every(image => image.getBoundingClientRect().right <= area.getBoundingClientRect().right + 1)"""


@pytest.mark.parametrize("width", [400, 1280])
def test_nothing_sticks_out(page, below, width):
    page.set_viewport_size({"width": width, "height": 6000})
    try:
        for cell in (NEURON, STEPS, LIVE, MISTAKES):
            area = below(cell)
            wait_until(functools.partial(area.evaluate, FITS), f"cell {cell} fits into {width} pixels")
    finally:
        page.set_viewport_size({"width": 1280, "height": 6000})
