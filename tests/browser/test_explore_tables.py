"""Explorations in JupyterLab: the race, the table of a sweep, and a network's mistakes."""

import pytest
from conftest import open_and_run, write_notebook
from test_explore import PATIENCE, below, expect, wait_for, wait_for_picture, words  # noqa: F401 - a fixture

pytestmark = pytest.mark.browser

RACE, SWEEP, MISTAKES = 1, 2, 3  # the cells, and below them the explorations
CELLS = [
    """\
import numpy as np
from mnistlib import Network, synthetic_digits, train
from mnistlib.explore import Mistakes, Race, SweepMap
from mnistlib.sweep import Result, combinations
images, labels = synthetic_digits(300, seed=1)
runs = combinations(sizes=[(784, 16, 10), (784, 64, 10)], learning_rate=[0.1, 1.0, 10.0])
scores = [0.8, 0.9, 0.1, 0.85, 0.95, 0.2]
results = [Result(run, s, validation_loss=0.5, train_loss=0.4, seconds=1) for run, s in zip(runs, scores)]
class Reader:
    def probabilities(self, images):
        return np.eye(10)[np.where(labels == 4, 9, labels)]""",
    "Race(Network((784, 10, 10)), images, labels, validation=(images, labels),"
    " settings=[(0.1, 10), (0.2, 10)], epochs=10**6)",
    "SweepMap(results)",
    "Mistakes(Reader(), images, labels)",
]


@pytest.fixture(scope="module")
def page(browser, server, root):
    write_notebook(root / "tables.ipynb", CELLS)
    page = open_and_run(browser, server, "tables.ipynb", height=4000)
    page.keyboard.press("Control+b")  # closes the side bar
    yield page
    page.context.close()


def click_cell(area, alt, across, down):
    """Click into the area's table, at a place given as fractions of its picture."""
    image = wait_for_picture(area, alt)
    box = image.bounding_box()
    image.click(position={"x": across * box["width"], "y": down * box["height"]})


def test_a_click_into_the_sweeps_table_shows_the_run(below):  # noqa: F811
    area = below(SWEEP)
    wait_for(words(area), "sizes 784-64-10, learning rate 1.0: 95.0% .* the best of all")
    click_cell(area, "Chosen: sizes 784-64-10, learning rate 1.0: 95.0%", 0.35, 0.2)
    wait_for(words(area), r"sizes 784-16-10, learning rate 0\.1: 80\.0% .* 15\.0 points behind the best")
    wait_for_picture(area, "Chosen: sizes 784-16-10, learning rate 0.1: 80.0%")


def test_the_lists_do_the_same_for_the_keyboard(below):  # noqa: F811
    area = below(SWEEP)
    area.locator("select").nth(1).select_option("10.0")
    wait_for(words(area), r"learning rate 10\.0: ")
    wait_for_picture(area, "learning rate 10.0", number=1)


def test_mistakes_show_the_images_of_the_chosen_cell(below):  # noqa: F811
    area = below(MISTAKES)
    wait_for(words(area), r"4 read as 9: \d+ times\. Shown: 1 to 10\.")
    wait_for_picture(area, "10 images of a 4", number=1)
    area.get_by_role("button", name="Next").click()
    wait_for(words(area), r"Shown: 11 to ")
    click_cell(area, "Chosen: it was 4, the network said 9", 0.63, 0.4)
    wait_for(words(area), r"4 read as \d: never\.")


def test_a_race_can_be_started_and_stopped(below):  # noqa: F811
    area = below(RACE)
    area.get_by_role("button", name="Start the race").click()
    wait_for(area, "rate 0.1, batches of 10 is training, 1 of 2")
    before = wait_for_picture(area, "Loss of each runner").get_attribute("src")
    area.page.wait_for_function(
        "([image, src]) => image.src !== src",
        arg=[area.locator(".mnist-picture img").element_handle(), before],
    )
    area.get_by_role("button", name="Stop").click()
    wait_for(area, r"Stopped\.")
    expect(area.get_by_role("button", name="Start the race")).to_be_enabled(timeout=PATIENCE)
