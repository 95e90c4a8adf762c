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

from mnistlib import explore, plots
from mnistlib.explore import base
from mnistlib.explore.base import (
    Exploration,
    Picture,
    Runner,
    Words,
    at_most_every,
    button,
    joined,
    new_figure,
    row,
)

PATIENCE = 20  # seconds; no test waits as long
pytestmark = pytest.mark.usefixtures("no_thread_left")


def test_the_package_alone_brings_no_widgets_along():
    code = "import sys, mnistlib; print({'ipywidgets', 'matplotlib', 'mnistlib.explore'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"


@pytest.mark.parametrize("name", explore.__all__)
def test_every_exploration_is_there(name):
    assert issubclass(getattr(explore, name), Exploration)


def test_other_names_are_errors():
    with pytest.raises(AttributeError, match="Brain"):
        _ = explore.Brain


def test_repr_is_the_same_in_every_run():
    assert repr(Exploration()) == "Exploration()"
    assert repr(Runner(lambda stopping: None)) == "Runner()"


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


def test_a_stored_notebook_has_a_still_picture_with_words_for_it(slope):
    data, metadata = slope._repr_mimebundle_()
    assert data["text/plain"] == repr(slope)
    assert "text/html" not in data
    still, shown = (
        plt.imread(io.BytesIO(png)) for png in (base64.b64decode(data["image/png"]), slope._picture._png)
    )
    assert np.abs(still[..., :3] - shown[..., :3]).mean() < 0.002  # the same, in few colours
    assert metadata["image/png"] == {"alt": slope._picture.alt, "width": 4 * 96}


def test_several_pictures_are_stored_as_one():
    pictures = []
    for width, height in ((3, 2), (4, 2), (4, 1)):
        pictures.append(Picture())
        pictures[-1].show(new_figure(width, height), "white")
    images = [plt.imread(io.BytesIO(joined([p._png for p in some]))) for some in (pictures[:2], pictures[1:])]
    assert [image.shape[:2] for image in images] == [(2 * 192, 7 * 192), (3 * 192, 4 * 192)]


def test_where_there_are_no_threads_the_work_is_done_at_once(monkeypatch):
    monkeypatch.setattr(base, "THREADS", False)
    ran = []
    runner = Runner(lambda stopping: ran.append(threading.current_thread()))
    runner.start()
    assert ran == [threading.current_thread()]
    runner.wait()
    assert runner.says == "Finished."
    assert not runner.running
    runner.start()
    assert len(ran) == 2


def test_a_stored_notebook_says_what_is_missing():
    data, _ = Exploration()._repr_mimebundle_()
    assert data["text/plain"] == "Exploration()"
    assert data["text/html"] == "<code>Exploration()</code> appears here when you run this notebook."
    assert "application/vnd.jupyter.widget-view+json" in data


# ---- pictures and words -----------------------------------------------------------------------------------


def test_picture_is_a_sharp_png_with_words():
    picture = Picture()
    figure = new_figure(3, 2)
    figure.subplots().plot([1, 2])
    picture.show(figure, "a line that rises")
    assert plt.imread(io.BytesIO(picture._png)).shape[:2] == (2 * 192, 3 * 192)
    assert picture._width == 3 * 96
    assert picture.alt == "a line that rises"
    picture.show(new_figure(4, 2), "nothing")
    assert picture._width == 4 * 96
    assert picture.alt == "nothing"


def test_figures_stay_out_of_pyplot():
    before = plt.get_fignums()
    new_figure(1, 1)
    assert plt.get_fignums() == before


def test_a_click_arrives_as_axes_and_their_numbers():
    picture, clicks = Picture(), []
    figure = new_figure(4, 2, layout=None)
    left, right = figure.add_axes((0.1, 0.2, 0.3, 0.6)), figure.add_axes((0.6, 0.2, 0.3, 0.6))
    for axes in (left, right):
        axes.set(xlim=(0, 10), ylim=(0, 100))
    picture.show(figure, "two fields")
    picture._handle_custom_msg({"x": 0.7, "y": 0.3}, [])  # before anybody asked for clicks: nothing happens
    picture.on_click(lambda *click: clicks.append(click))
    picture._handle_custom_msg({"x": 0.5, "y": 0.5}, [])  # between the fields
    assert clicks == []
    picture._handle_custom_msg({"x": 0.7, "y": 0.35}, [])  # counted from the upper left corner
    [(axes, x, y)] = clicks
    assert axes is right
    assert (x, y) == pytest.approx((10 / 3, 75))


def test_words_keep_their_letters():
    words = Words("1 < 2 & <b>\nnext line")
    assert "<b>" not in words.html
    assert words.text == "1 < 2 & <b>\nnext line"
    words.html = "<b>bold</b><br>and <code>a &lt; b</code>"
    assert words.text == "bold\nand a < b"


def test_only_live_words_are_announced():
    assert Words()._live
    assert not Words(live=False)._live


def test_button_and_row():
    pressed = []
    made = button("Go", lambda: pressed.append(1), icon="play")
    made.click()
    assert pressed == [1]
    assert row(made).children == (made,)


def test_redrawing_is_rare(monkeypatch):
    now = 100.0
    monkeypatch.setattr(base.time, "perf_counter", lambda: now)
    due = at_most_every(1)
    answers = []
    for _ in range(16):
        answers.append(due())
        now += 0.25
    assert [n for n, answer in enumerate(answers) if answer] == [0, 5, 10, 15]


def test_slow_drawing_leaves_time_for_the_work(monkeypatch):
    now = 0.0
    monkeypatch.setattr(base.time, "perf_counter", lambda: now)
    due = at_most_every(0.25)
    drawing = working = 0.0
    for _ in range(10_000):
        if due():
            now += 2
            drawing += 2
        now += 0.01
        working += 0.01
    assert drawing > 0
    assert working >= 2 * drawing


# ---- work -------------------------------------------------------------------------------------------------


def until_stopped(stopping):
    while not stopping():
        threading.Event().wait(0.001)


def buttons(runner):
    """Which of Start and Stop can be pressed."""
    return [not button.disabled for button in runner.children[:2]]


def test_work_runs_and_ends():
    ran = []
    runner = Runner(lambda stopping: ran.append(threading.current_thread()))
    assert runner.says == "Not started."
    assert not runner.running
    runner.start()
    runner.wait(PATIENCE)
    assert ran[0] is not threading.current_thread()
    assert not runner.running
    assert runner.says == "Finished."
    assert buttons(runner) == [True, False]


def test_work_may_say_how_it_went():
    runner = Runner(lambda stopping: "All seven done.")
    runner.start()
    runner.wait(PATIENCE)
    assert runner.says == "All seven done."


def test_stop_stops_and_start_starts_again():
    runner = Runner(until_stopped)
    for _ in range(2):
        runner.start()
        assert runner.running
        assert buttons(runner) == [False, True]
        runner.stop()
        assert buttons(runner) == [False, False]
        runner.wait(PATIENCE)
        assert not runner.running
        assert runner.says == "Stopped."
        assert buttons(runner) == [True, False]


def test_the_buttons_do_it_too():
    runner = Runner(until_stopped, label="Start the race")
    start, stop = runner.children[:2]
    assert start.description == "Start the race"
    start.click()
    start.click()  # a double click starts it once
    assert runner.running
    stop.click()
    runner.wait(PATIENCE)
    assert runner.says == "Stopped."


def test_errors_are_shown_and_raised():
    def work(stopping):
        raise ValueError("no images < 1")

    runner = Runner(work)
    runner.start()
    with pytest.raises(ValueError, match="no images < 1"):
        runner.wait(PATIENCE)
    assert runner.says == "It failed. ValueError: no images < 1"
    assert buttons(runner) == [True, False]


def test_an_error_without_words_is_told_all_the_same():
    class Silent(Exception):
        def __str__(self):
            raise RuntimeError

    def work(stopping):
        raise Silent

    runner = Runner(work)
    runner.start()
    with pytest.raises(Silent):
        runner.wait(PATIENCE)
    assert runner.says.startswith("It failed. Silent:")
    assert buttons(runner) == [True, False]


def test_an_error_is_forgotten_when_started_again():
    faults = [ValueError("once")]

    def work(stopping):
        if faults:
            raise faults.pop()

    runner = Runner(work)
    runner.start()
    with pytest.raises(ValueError, match="once"):
        runner.wait(PATIENCE)
    runner.start()
    runner.wait(PATIENCE)
    assert runner.says == "Finished."


def test_starting_twice_is_an_error():
    runner = Runner(until_stopped)
    runner.start()
    with pytest.raises(RuntimeError, match="running already"):
        runner.start()
    runner.stop()
    runner.wait(PATIENCE)


def test_waiting():
    runner = Runner(until_stopped)
    with pytest.raises(RuntimeError, match="nothing was started"):
        runner.wait()
    runner.stop()  # nothing to stop: nothing happens
    runner.start()
    with pytest.raises(TimeoutError, match="still running"):
        runner.wait(0.01)
    runner.stop()
    runner.wait(PATIENCE)


def test_one_work_at_a_time():
    first, second = Runner(until_stopped), Runner(until_stopped)
    first.start()
    second.start()
    first.wait(PATIENCE)  # nobody called its stop()
    assert first.says == "Stopped."
    assert second.running
    second.stop()
    second.wait(PATIENCE)


def test_interrupting_the_wait_stops_the_work(monkeypatch):
    runner = Runner(until_stopped)
    runner.start()
    with monkeypatch.context() as patch:
        patch.setattr(runner._thread, "join", lambda timeout: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            runner.wait()
    runner.wait(PATIENCE)
    assert runner.says == "Stopped."
