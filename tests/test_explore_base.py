"""What the explorations share: pictures with words, and work that starts, stops and never fails unseen."""

import base64
import io
import math
import subprocess
import sys
import textwrap
import threading

import matplotlib.pyplot as plt
import numpy as np
import pytest

from mnistlib import plots
from mnistlib.explore import base
from mnistlib.explore.base import (
    BackgroundExploration,
    Exploration,
    Picture,
    Words,
    joined,
    new_figure,
    rarely,
)

PATIENCE = 60  # seconds; no test waits as long
pytestmark = pytest.mark.usefixtures("no_thread_left")


def test_the_package_alone_brings_no_widgets_along():
    code = "import sys, mnistlib; print({'ipywidgets', 'matplotlib', 'mnistlib.explore'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"


@pytest.fixture(scope="module")
def slope():
    """The example in base.py's docstring, run as a learner would."""
    example = textwrap.dedent(base.__doc__.partition("Here is a whole one:\n")[2].partition("\n`Slope()`")[0])
    names = {**vars(base), **vars(plots)}
    exec(example, names)
    return names["Slope"](2)


def test_the_example_in_the_docstring_is_an_exploration(slope):
    assert repr(slope) == "Slope(w=2.0)"
    assert slope.says == "At w = 2.0 the slope of w² is 4.0."
    slope.knobs["w"].value = -3  # what the page does
    assert slope.w == -3
    assert slope.says == "At w = -3.0 the slope of w² is -6.0."
    for value in (3.1, math.nan, "1", None, True):
        with pytest.raises(ValueError, match=r"w is .*: expected a number from -3 to 3"):
            slope.w = value
    assert slope.w == -3


def test_a_stored_notebook_has_a_still_picture_with_words_for_it(slope, monkeypatch):
    data, metadata = slope._repr_mimebundle_()
    assert data["text/plain"] == repr(slope)
    assert "text/html" not in data
    still, shown = (
        plt.imread(io.BytesIO(png)) for png in (base64.b64decode(data["image/png"]), slope._picture._png)
    )
    assert np.abs(still[..., :3] - shown[..., :3]).mean() < 0.002  # the same, in few colours
    assert metadata["image/png"] == {"alt": slope._picture.alt, "width": slope._picture._width}
    alone = []
    monkeypatch.setattr(base, "display", lambda data, metadata, raw: alone.append((data, metadata)))
    slope.picture()
    assert alone == [({"image/png": data["image/png"]}, metadata)]


def test_pictures_are_sharp_and_several_are_stored_as_one():
    pictures = []
    for width, height in ((3, 2), (4, 2), (4, 1)):
        pictures.append(Picture())
        pictures[-1].show(new_figure((width, height)), "white")
    images = [plt.imread(io.BytesIO(joined([p._png for p in some]))) for some in (pictures[:2], pictures[1:])]
    assert [image.shape[:2] for image in images] == [(2 * 192, 7 * 192), (3 * 192, 4 * 192)]
    assert [picture._width for picture in pictures] == [3 * 96, 4 * 96, 4 * 96]
    assert plt.get_fignums() == []  # figures stay out of pyplot


def test_a_stored_notebook_says_what_is_missing():
    data, _ = Exploration()._repr_mimebundle_()
    assert data["text/plain"] == "Exploration()"
    assert data["text/html"] == "<code>Exploration()</code> appears here when you run this notebook."
    assert "application/vnd.jupyter.widget-view+json" in data


# ---- pictures and words -----------------------------------------------------------------------------------


def test_a_click_arrives_in_the_units_of_the_axes():
    picture, clicks = Picture(), []
    figure = new_figure((4, 2), layout=None)
    figure.add_axes((0.6, 0.2, 0.3, 0.6), xlim=(0, 10), ylim=(0, 100))
    picture.show(figure, "a field")
    picture._handle_custom_msg({"x": 0.7, "y": 0.3}, [])  # before anybody asked for clicks: nothing happens
    picture.on_click(lambda *click: clicks.append(click))
    picture._handle_custom_msg({"x": 0.5, "y": 0.5}, [])  # beside the field
    assert clicks == []
    picture._handle_custom_msg({"x": 0.7, "y": 0.35}, [])  # counted from the upper left corner
    assert clicks == [pytest.approx((10 / 3, 75))]


def test_words_keep_their_letters():
    words = Words("1 < 2 & <b>\nnext line")
    assert "<b>" not in words.html
    assert words.text == "1 < 2 & <b>\nnext line"
    words.html = "<b>bold</b><br>and <code>a &lt; b</code>"
    assert words.text == "bold\nand a < b"
    assert words._live
    assert not Words(live=False)._live  # a screen reader does not say these


@pytest.mark.parametrize(("seconds", "places"), [(0, [0, 4, 8, 12]), (1, [0, 12])])
def test_drawing_is_rare_and_leaves_three_quarters_of_the_time(monkeypatch, seconds, places):
    now, drawn = 100.0, []
    monkeypatch.setattr(base.time, "perf_counter", lambda: now)

    def draw(place):
        nonlocal now
        now += seconds
        drawn.append(place)

    draw_rarely = rarely(draw, seconds=1)
    for place in range(16):
        draw_rarely(place)
        now += 0.25
    assert drawn == places


# ---- work -------------------------------------------------------------------------------------------------


class Work(BackgroundExploration):
    """An exploration that only runs a function."""

    def __init__(self, function, **options):
        self.function = function
        super().__init__(**options)

    def work(self, stopping):
        return self.function(stopping)


def until_stopped(stopping):
    while not stopping():
        threading.Event().wait(0.001)


def test_work_is_started_and_stopped_by_python_and_by_its_buttons():
    work = Work(until_stopped, label="Start the race")
    start, stop, _ = work.children[0].children
    assert start.description == "Start the race"
    assert (work.status.text, work.running) == ("Not started.", False)
    with pytest.raises(RuntimeError, match="nothing was started"):
        work.wait()
    work.stop()  # nothing to stop: nothing happens
    for begin, end in ((work.start, work.stop), (start.click, stop.click)):
        begin()
        assert (work.status.text, work.running) == ("Running …", True)
        assert (start.disabled, stop.disabled) == (True, False)
        with pytest.raises(RuntimeError, match="running already"):
            work.start()
        start.click()  # the second of two quick clicks
        with pytest.raises(TimeoutError, match="still running"):
            work.wait(0.01)
        end()
        assert stop.disabled
        work.wait(PATIENCE)
        assert (work.status.text, work.running) == ("Stopped.", False)
        assert (start.disabled, stop.disabled) == (False, True)


class SilentError(Exception):
    def __str__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("no images < 1"), "It failed. ValueError: no images < 1"),
        (SilentError(), "It failed. SilentError: "),
    ],
)
def test_errors_are_shown_and_raised_and_forgotten_at_the_next_start(error, words):
    errors = [error]

    def function(stopping):
        if errors:
            raise errors.pop()

    work = Work(function)
    work.start()
    with pytest.raises(type(error)):
        work.wait(PATIENCE)
    assert work.status.text.startswith(words)
    assert not work.children[0].children[0].disabled  # Start
    work.start()
    work.wait(PATIENCE)
    assert work.status.text == "Finished."


def test_one_work_at_a_time():
    first, second = Work(until_stopped), Work(until_stopped)
    first.start()
    second.start()
    first.wait(PATIENCE)  # nobody called its stop()
    assert first.status.text == "Stopped."
    assert second.running
    second.stop()
    second.wait(PATIENCE)


def test_interrupting_the_wait_stops_the_work(monkeypatch):
    work = Work(until_stopped)
    work.start()
    with monkeypatch.context() as patch:
        patch.setattr(work._thread, "join", lambda timeout: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            work.wait()
    work.wait(PATIENCE)
    assert work.status.text == "Stopped."
