"""The drawing pad as a learner meets it: in JupyterLab and Notebook 7, with mouse, finger and keyboard."""

import time

import numpy as np
import pytest
from conftest import PROMPTS, SIDE, Hand, open_and_run, run_all, wait_until, write_notebook

from mnistlib.datasets import load_data
from mnistlib.pen import sample_strokes

pytestmark = pytest.mark.browser

# One notebook, several pads: below, hand(number) draws in the pad of that number.
GOOD, SLOW, PYTHON = range(3)
CELLS = [
    """\
import time
from mnistlib.pen import sample_strokes
from mnistlib.network import pretrained
from mnistlib.pad.sketchpad import SketchPad
network = pretrained()""",
    """\
pad = SketchPad(network, save_to="mine-APP")
pad""",
    """\
def slow(image):
    time.sleep(0.2)
    return network.probabilities(image)

SketchPad(slow, save_to=None)""",
    """\
python_pad = SketchPad(network, save_to=None)
python_pad""",
    "python_pad.strokes = sample_strokes(5)",
]


def thinned(digit, seed=0):
    """A sample digit with fewer points: drawing it takes less time."""
    return [np.vstack([stroke[:-1:4], stroke[-1:]]) for stroke in sample_strokes(digit, seed)]


@pytest.fixture(scope="module", params=["lab", "notebook"])
def app(request):
    return request.param


@pytest.fixture(scope="module")
def page(browser, server, root, app):
    write_notebook(root / f"{app}.ipynb", [cell.replace("APP", app) for cell in CELLS])
    page = open_and_run(browser, server, f"{app}.ipynb", app, has_touch=True)
    yield page
    page.context.close()


@pytest.fixture
def hands(page):
    """hands(number): draws in the pad of that number, whose paper is empty."""

    def hand(number):
        hand = Hand(page, number)
        hand.clear()
        return hand

    return hand


@pytest.fixture
def hand(hands):
    return hands(GOOD)


@pytest.mark.parametrize("digit", [3, 1, 7])
def test_digits_drawn_with_the_mouse_are_read(hand, digit):
    hand.draw(thinned(digit))
    assert hand.digit() == digit
    assert f"a {digit}" in hand.says()
    percents = hand.percents()
    assert len(percents) == 10
    assert np.argmax(percents) == digit
    assert sum(percents) == pytest.approx(100, abs=1)
    assert max(hand.image()) == 255


def test_a_digit_drawn_with_a_finger_is_read_and_nothing_scrolls(hand, page):
    hand.paper.scroll_into_view_if_needed()
    before = hand.paper.bounding_box()
    hand.touch(thinned(2))
    assert hand.digit() == 2
    assert hand.paper.bounding_box() == before


def test_a_second_finger_draws_nothing(hand, page):
    one, two = hand.spots([(100, 100), (200, 200)])
    for kind, spots in (("touchStart", [one]), ("touchStart", [one, two]), ("touchEnd", [])):
        hand.fingers(kind, spots)
    hand.settle()
    assert hand.strokes() == 1


def test_undo_takes_the_last_stroke_back_and_clear_can_be_undone(hand):
    hand.draw([[(60, 60), (60, 200)], [(120, 60), (120, 200)]])
    hand.settle()
    two_strokes = hand.image()
    hand.button("Undo").click()
    assert hand.digit() is not None
    assert hand.strokes() == 1
    hand.draw([[(120, 60), (120, 200)]])
    hand.settle()
    assert hand.image() == two_strokes
    hand.button("Clear").click()
    assert hand.says() == "Draw a digit from 0 to 9."
    assert hand.digit() is None
    assert hand.percents() == []
    assert set(hand.image()) == {0}
    hand.button("Undo").click()
    hand.settle()
    assert hand.image() == two_strokes


def test_a_click_is_a_dot_and_no_digit(hand):
    hand.draw([[(140, 140)]])
    assert "only a dot" in hand.says()
    assert hand.digit() is None


def test_every_key_that_the_pad_knows(hand, page):
    for digit in range(10):
        hand.sample(digit)
    for undo in ("Backspace", "u", "Control+z"):
        hand.clear()
        hand.draw([[(60, 60), (60, 200)], [(120, 60), (120, 200)]])
        hand.press(undo)
        hand.settle()
        assert hand.strokes() == 1, undo
    for clear in ("Escape", "Delete"):
        hand.draw([[(60, 60), (60, 200)]])
        hand.press(clear)
        hand.settle()
        assert hand.strokes() == 0, clear


def test_keys_pressed_in_the_pad_do_nothing_to_the_notebook(hand, page):
    # In a notebook's command mode 3 makes a heading, "d d" deletes the cell, "0 0" restarts the kernel …
    cells = page.locator(".jp-Cell")
    before = cells.locator(".jp-InputArea").all_inner_texts(), page.locator(".jp-CodeCell").count()
    assert len(before[0]) == before[1] > 1
    hand.press("3", "d", "d", "x", "a", "b", "m", "0", "0", "c", "v", "z")
    hand.button("Clear").focus()
    for key in "3ddm00":
        page.keyboard.press(key)
    hand.settle()
    time.sleep(0.3)  # whatever the notebook would do, it would have done it by now
    assert page.locator(".jp-Dialog").count() == 0
    after = cells.locator(".jp-InputArea").all_inner_texts(), page.locator(".jp-CodeCell").count()
    assert after == before


def test_all_of_it_can_be_reached_by_the_tab_key_and_the_focus_is_seen(hand, page):
    hand.sample(3)
    reached = []
    for _ in range(16):
        style = "e => getComputedStyle(e).outlineStyle + getComputedStyle(e).outlineWidth"
        assert page.locator(":focus").evaluate(style) == "solid2px"
        reached.append(
            page.locator(":focus").evaluate("e => e.className.baseVal ?? (e.className || e.dataset.label)")
        )
        page.keyboard.press("Tab")
        if page.evaluate("() => !document.activeElement.closest('.mnist-pad')"):
            break
    assert reached[:5] == [f"mnist-pad-{name}" for name in ("paper", "undo", "clear", "box", "centre")]
    assert reached[5:15] == [str(digit) for digit in range(10)]


def test_a_screen_reader_hears_the_answer_once_the_pen_is_up(hand, page):
    spoken = hand.pad.locator(".mnist-pad-spoken")
    assert spoken.get_attribute("aria-live") == "polite"
    first, *others = hand.spots(thinned(7)[0])
    page.mouse.move(*first)
    page.mouse.down()
    for spot in others:
        page.mouse.move(*spot)
    hand.settle()
    assert spoken.inner_text() == "Draw a digit from 0 to 9."
    page.mouse.up()
    assert hand.says() == spoken.inner_text()
    assert "a 7" in spoken.inner_text()
    assert "28 by 28" in hand.pad.get_by_role("img").first.get_attribute("aria-label")


def test_a_stroke_that_leaves_the_paper_ends_at_the_rim_and_starts_again_where_it_comes_back(hand, page):
    hand.draw([[(140, 60), (140, 100), (140, SIDE + 60), (200, SIDE + 60), (200, 100)]])
    hand.settle()
    assert hand.strokes() == 2
    ys = hand.paper.locator("path").evaluate_all(
        "ps => ps.flatMap(p => [p.getBBox()]).map(b => b.y + b.height)"
    )
    assert ys == [SIDE, SIDE]
    hand.button("Undo").click()
    hand.settle()
    assert hand.strokes() == 0  # it was one movement
    hand.draw([[(140, 60), (140, 100), (-60, 100)]])
    page.mouse.move(*hand.spots([(140, 200)])[0])
    hand.settle()
    assert hand.strokes() == 1  # a pen lifted outside the paper is up


def test_the_switches_change_what_the_network_sees(hand):
    small = [stroke * 0.3 for stroke in thinned(3)]  # small, in the upper left corner
    hand.draw(small)
    hand.settle()
    boxed = hand.image()
    for name in ("fit the box", "centre"):
        hand.pad.get_by_label(name).uncheck()
    hand.settle()
    plain = np.reshape(hand.image(), (28, 28))
    assert plain[:12, :12].any()
    assert not plain[12:].any()
    for name in ("fit the box", "centre"):
        hand.pad.get_by_label(name).check()
    hand.settle()
    assert hand.image() == boxed


def test_strokes_set_in_python_appear_on_the_page(page):
    hand = Hand(page, PYTHON)
    hand.pad.scroll_into_view_if_needed()
    hand.wait_for_digit(5)
    assert hand.strokes() == len(sample_strokes(5))
    hand.button("Clear").click()
    assert hand.digit() is None
    hand.button("Undo").click()
    assert hand.digit() == 5


def test_a_slow_classifier_skips_drawings_instead_of_falling_behind(hands, page):
    # Every answer takes 0.2 s. One may be under way when the pen goes up, then comes the last one.
    hand = hands(SLOW)
    page.evaluate(
        """pad => {
            pad.addEventListener('pointerup', () => { pad.answers = 0; }, true);
            new MutationObserver(() => { pad.answers += 1; }).observe(
                pad, { attributeFilter: ['data-answered'] });
        }""",
        hand.pad.element_handle(),
    )
    hand.draw(thinned(3), pause=0.03)
    assert hand.digit() == 3
    assert 1 <= hand.pad.evaluate("pad => pad.answers") <= 2


def test_a_digit_that_is_kept_outlives_clear_a_rerun_and_a_restart(hands, page, root, app):
    def told(words):
        """The pad, once these words stand below its labels."""
        hand = hands(GOOD)
        hand.pad.locator(".mnist-pad-kept span").filter(has_text=words).wait_for()
        return hand

    def keep(hand, digit):
        hand.draw(thinned(digit))
        hand.button(f"Keep this drawing as a {digit}").click()
        hand.settle()
        assert hand.strokes() == 0  # free for the next one

    hand = hands(GOOD)
    keep(hand, 3)
    keep(hand, 7)
    told("2 digits kept")
    digits = load_data(root / f"mine-{app}")
    assert digits.train_labels.tolist() == [3, 7]
    assert digits.train_images.any(axis=(1, 2)).all()

    run_all(page)
    told("2 digits kept")

    page.get_by_role("menuitem", name="Run", exact=True).first.click()
    page.locator('[data-command="runmenu:restart-and-run-all"]').first.click()
    page.locator(".jp-Dialog .jp-mod-accept").click()
    wait_until(lambda: page.evaluate(PROMPTS)[-1] == f"[{len(CELLS)}]:", "the new kernel has run all cells")
    hand = told("2 digits kept")
    assert hand.button("Take back").count() == 0  # this pad has kept nothing yet
    keep(hand, 1)
    told("3 digits kept").button("Take back").click()
    told("Took back a 1.").button("Take back").wait_for(state="detached")
    assert load_data(root / f"mine-{app}").train_labels.tolist() == [3, 7]


def test_all_of_it_fits_into_a_narrow_window(hand, page, app):
    size = page.viewport_size
    if app == "lab":
        page.keyboard.press("Control+b")
    try:
        page.set_viewport_size({"width": 400, "height": 800})
        outside = """pad => [...pad.querySelectorAll('*')].filter(e => {
            const r = e.getBoundingClientRect(), p = pad.getBoundingClientRect();
            return r.width > 0 && (r.right > p.right + 1 || r.left < p.left - 1 || r.right > 400);
        }).map(e => e.outerHTML.slice(0, 80))"""
        wait_until(lambda: hand.pad.evaluate(outside) == [], "nothing sticks out")
        hand.draw(thinned(3))
        assert hand.digit() == 3
    finally:
        page.set_viewport_size(size)
        if app == "lab":
            page.keyboard.press("Control+b")
