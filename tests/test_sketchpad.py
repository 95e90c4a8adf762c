"""The kernel's half of the drawing pad, without a browser (tests/browser has those with one)."""

import json
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot
import numpy as np
import pytest

from mnistlib.datasets import load_data
from mnistlib.network import pretrained
from mnistlib.pad import sketchpad
from mnistlib.pad.sketchpad import SIDE, SketchPad, in_words
from mnistlib.pen import rasterise, sample_strokes

ROOT = Path(__file__).resolve().parents[1]
THREE = [[(60, 60), (150, 50), (120, 130), (170, 200), (60, 230)]]


@pytest.fixture(scope="module")
def network():
    return pretrained()


@pytest.fixture
def pad(network):
    return SketchPad(network, save_to=None)


def sure_of(digit):
    """A classifier that always gives the same answer."""
    return lambda image: np.eye(10)[digit]


# -- strokes in, an answer out --------------------------------------------------------------------------


def test_strokes_set_in_python_are_classified_at_once(pad, network):
    pad.strokes = THREE
    np.testing.assert_array_equal(pad.image, rasterise(THREE))
    np.testing.assert_allclose(pad.probabilities, network.probabilities(rasterise(THREE)), atol=1e-6)
    assert pad.probabilities.shape == (10,)
    assert pad.says == in_words(pad.probabilities)


def test_a_sample_is_a_little_different_each_time(pad):
    pad.sample(9)
    first = pad.strokes[0]
    pad.sample(9)
    assert pad.probabilities.argmax() == 9
    assert not np.array_equal(pad.strokes[0], first)


def test_what_the_pad_hands_out_cannot_change_it(pad):
    pad.strokes = [np.array(THREE[0]), [(5, 6)], []]
    before = pad.image, pad.probabilities
    pad.image[:] = 0
    pad.probabilities[:] = 0
    pad.strokes[0][:] = 0
    np.testing.assert_array_equal(pad.image, before[0])
    np.testing.assert_array_equal(pad.probabilities, before[1])
    assert [stroke.tolist() for stroke in pad.strokes] == [np.array(THREE[0]).tolist(), [[5, 6]]]


@pytest.mark.parametrize(
    ("strokes", "says"),
    [
        ([], "Draw a digit"),
        ([[]], "Draw a digit"),
        ([[(9, 9), (9, 10)]], "only a dot"),
        ([np.array(THREE[0]) + 1_000], "outside the paper"),
    ],
)
def test_what_is_no_digit_is_told(pad, strokes, says):
    pad.box = False
    pad.strokes = THREE
    pad.strokes = strokes
    assert pad.probabilities is None
    assert says in pad.says


def test_strokes_that_are_none_are_refused_and_change_nothing(pad):
    pad.strokes = THREE
    with pytest.raises(ValueError, match="shape"):
        pad.strokes = [(1, 2)]
    np.testing.assert_array_equal(pad.strokes[0], THREE[0])
    np.testing.assert_array_equal(pad.image, rasterise(THREE))


def test_box_and_centre_can_be_switched_while_the_drawing_stays(pad):
    strokes = [np.array(THREE[0]) * 0.4]
    pad.strokes = strokes
    boxed = pad.image
    pad.box = pad.centre = False
    np.testing.assert_array_equal(pad.image, rasterise(strokes, box=False, centre=False, canvas=SIDE))
    assert not pad.image[14:].any()  # small, in the upper half, as it was drawn
    pad.centre = True
    np.testing.assert_array_equal(pad.image, rasterise(strokes, box=False, canvas=SIDE))
    pad.box = True
    np.testing.assert_array_equal(pad.image, boxed)
    assert (pad.box, pad.centre) == (True, True)
    early = SketchPad(save_to=None, box=False, centre=False)
    assert (early.box, early.centre) == (False, False)


# -- classifiers ----------------------------------------------------------------------------------------


def test_a_classifier_is_an_object_with_probabilities_or_a_function():
    seen = []

    def classifier(image):
        seen.append((image.shape, image.dtype))
        image[:] = 0  # it may write into what it gets
        return list(np.eye(10)[4])

    for written in (SimpleNamespace(probabilities=classifier), classifier):
        pad = SketchPad(written, save_to=None)
        pad.strokes = THREE
        assert pad.probabilities.tolist() == np.eye(10)[4].tolist()
        assert pad.says == "This is a 4 (over 99 %)."
        np.testing.assert_array_equal(pad.image, rasterise(THREE))
    assert seen == [((1, 28, 28), np.uint8), ((28, 28), np.uint8)]
    with pytest.raises(TypeError, match="str is neither"):
        SketchPad("a network", save_to=None)
    with pytest.raises(TypeError, match="int is neither"):
        pad.classifier = 3


def test_another_classifier_gets_the_same_strokes():
    pad = SketchPad(save_to=None)
    pad.strokes = THREE
    assert pad.image.any()
    assert pad.probabilities is None
    assert "no classifier" in pad.says
    pad.classifier = sure_of(8)
    assert pad.says == "This is an 8 (over 99 %)."


class Unspeakable:
    """Something that fails when it is to be put into words."""

    def __str__(self):
        raise RuntimeError("no words")


def failing(message):
    """A classifier that fails with this message."""

    def classifier(image):
        raise ValueError(message)

    return classifier


@pytest.mark.parametrize(
    ("classifier", "says"),
    [
        (lambda image: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda image: np.ones((1, 5)) / 5, r"shape \(1, 5\) instead of 10 probabilities"),
        (lambda image: np.full(10, np.nan), "between 0 and 1"),
        (lambda image: np.arange(10.0), "returned 0 to 9"),
        (lambda image: None, "instead of 10|NoneType"),
        (failing("unknown $\\foo$ label"), r"ValueError: unknown \$\\foo\$ label"),  # no formula to typeset
        (failing("half a \ud83d sign"), r"ValueError: half a \? sign"),  # which cannot be sent to a page
        (failing(Unspeakable()), "ValueError: "),
        (failing("long " * 1_000), "ValueError: long"),
    ],
)
def test_a_classifier_that_fails_shows_why_and_the_pad_goes_on(classifier, says):
    pad = SketchPad(classifier, save_to=None)
    pad.strokes = THREE
    assert re.search(f"The classifier failed: .*{says}", pad.says)
    assert pad._answer["tone"] == "trouble"
    assert pad.probabilities is None
    assert pad.image.any()
    pad.says.encode()
    assert pad._repr_mimebundle_()[0]["image/png"]  # it can be drawn, too
    pad.classifier = sure_of(3)
    assert pad.probabilities.argmax() == 3
    assert pad._answer["tone"] == ""


def test_probabilities_that_rounding_put_outside_are_put_back():
    pad = SketchPad(lambda image: [1.0005, *[-0.0001] * 9], save_to=None)
    pad.strokes = THREE
    assert pad.probabilities.tolist() == np.eye(10)[0].tolist()


@pytest.fixture
def hasty():
    """Threads take turns all the time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_drawings_from_several_threads_are_read_one_after_the_other(hasty):
    """A widget's messages come from another thread than the cells."""
    inside, at_once = [], []

    def classifier(image):
        inside.append(1)
        time.sleep(0.001)
        at_once.append(len(inside))
        inside.pop()
        return np.full(10, 0.1)

    pad = SketchPad(classifier, save_to=None)
    seen = set()
    pad.observe(lambda change: seen.add(change["new"]["number"]), "_answer")

    def in_python(n):
        pad.strokes = sample_strokes(n)

    def on_the_page(n):
        from_page(pad, [stroke.tolist() for stroke in sample_strokes(n)], number=1000 * (n + 1))

    with ThreadPoolExecutor(3) as pool:
        for draw in (in_python, in_python, on_the_page):
            pool.submit(lambda draw=draw: [draw(n) for n in range(10)])
    assert set(at_once) == {1}
    assert len(seen) == 30  # each has got an answer, and a number of its own
    np.testing.assert_array_equal(pad.image, rasterise(pad.strokes))


def test_interrupting_the_classifier_interrupts_the_cell_and_the_page_gets_an_answer(pad):
    def interrupted(image):
        raise KeyboardInterrupt

    pad.strokes = THREE
    with pytest.raises(KeyboardInterrupt):
        pad.classifier = interrupted
    assert pad.says == "The classifier was interrupted."
    assert pad._answer["number"] == pad._drawing["number"]


def test_a_width_that_no_pen_has_is_refused():
    with pytest.raises(ValueError, match="width"):
        SketchPad(save_to=None, width=0)


@pytest.mark.parametrize(
    ("probabilities", "words"),
    [
        ({3: 0.999, 8: 0.001}, "This is a 3 (over 99 %)."),
        ({8: 0.95, 3: 0.05}, "This is an 8 (95 %)."),
        ({3: 0.7, 8: 0.2}, "Probably a 3 (70 %), perhaps an 8 (20 %)."),
        ({1: 0.41, 7: 0.38}, "Hard to say: a 1 (41 %) or a 7 (38 %)?"),
    ],
)
def test_the_answer_in_words(probabilities, words):
    values = np.zeros(10)
    values[list(probabilities)] = list(probabilities.values())
    assert in_words(values) == words


# -- what the page sends and gets -----------------------------------------------------------------------


def from_page(pad, strokes, **changes):
    """What arrives when the page has drawn."""
    number = pad._drawing["number"] + 1
    drawing = {"number": number, "strokes": strokes, "box": True, "centre": True} | changes
    pad.set_state({"_drawing": drawing})
    return drawing["number"]


def test_a_drawing_from_the_page_takes_the_same_road(pad):
    pad.strokes = THREE
    answer = pad.probabilities
    number = from_page(pad, [[]])
    assert pad._answer["number"] == number
    number = from_page(pad, [[list(point) for point in THREE[0]]], box=False)
    assert pad._answer["number"] == number
    assert pad.box is False
    assert not np.array_equal(pad.probabilities, answer)
    from_page(pad, [[list(point) for point in THREE[0]]])
    np.testing.assert_array_equal(pad.probabilities, answer)


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        {"kind": None},
        {"kind": "keep", "label": 3},
        {"kind": "keep", "label": True, "strokes": THREE},
        {"kind": "keep", "label": 3, "strokes": []},
        {"kind": "keep", "label": 3, "strokes": [[[1, 2, 3]]]},
        {"kind": "sample"},
        {"kind": "sample", "digit": 3.0},
        {"kind": "sample", "digit": 12},
    ],
    ids=str,
)
def test_messages_that_make_no_sense_change_nothing_and_are_told(pad, message):
    pad.strokes = THREE
    pad._handle_custom_msg(message, [])
    assert len(pad.collected[1]) == 0
    np.testing.assert_array_equal(pad.strokes[0], THREE[0])
    assert pad._kept["tone"] == "trouble"


@pytest.mark.parametrize(
    "change", [{"strokes": 5}, {"strokes": [[[1, 2, 3]]]}, {"number": None}, {"number": "x"}], ids=str
)
def test_a_drawing_that_makes_no_sense_leaves_what_was_drawn(pad, change):
    pad.strokes = THREE
    number = pad._answer["number"]
    for drawing in ({}, pad._drawing | change):
        pad.set_state({"_drawing": drawing})
        np.testing.assert_array_equal(pad.strokes[0], THREE[0])
        assert pad.probabilities.argmax() == 3
    assert pad._answer["number"] > number
    pad.clear()
    assert "Draw a digit" in pad.says


def test_what_the_page_gets_can_travel(pad, tmp_path):
    pad = SketchPad(pad.classifier, save_to=tmp_path)
    pad.strokes = [np.array(THREE[0], np.float32)]
    pad.keep(np.uint8(3))
    answer = dict(pad._answer)
    assert np.array_equal(np.frombuffer(answer.pop("image"), np.uint8).reshape(28, 28), pad.image)
    assert json.loads(json.dumps([pad._drawing, answer, pad._kept])) == [pad._drawing, answer, pad._kept]


def test_page_and_kernel_agree_on_the_size_of_the_paper():
    script = (ROOT / "mnistlib" / "pad" / "sketchpad.js").read_text(encoding="utf-8")
    assert f"const SIDE = {SIDE};" in script


# -- in a stored notebook -------------------------------------------------------------------------------


@pytest.mark.parametrize("strokes", [THREE, [[(5, 5)]]])
def test_a_notebook_stores_a_still_picture_with_words_for_it(pad, strokes, monkeypatch):
    assert "image/png" not in pad._repr_mimebundle_()[0]  # an empty paper is no picture
    shown = []
    monkeypatch.setattr(sketchpad, "display", lambda data, metadata, raw: shown.append((data, metadata)))
    pad.strokes = strokes
    pad.picture()
    for data, metadata in (*shown, pad._repr_mimebundle_()):
        assert data["text/plain"] == "SketchPad()"  # always the same
        assert data["image/png"].startswith("iVBOR")
        assert pad.says in metadata["image/png"]["alt"]
    assert "application/vnd.jupyter.widget-view+json" in data
    assert matplotlib.pyplot.get_fignums() == []

    paper, image, bars = pad._figure().axes
    assert len(paper.lines) == len(strokes)
    assert np.array_equal(image.images[0].get_array(), pad.image)
    widths = [bar.get_width() for bar in bars.patches]
    assert widths == ([] if pad.probabilities is None else pad.probabilities.tolist())


# -- keeping digits -------------------------------------------------------------------------------------


def test_kept_digits_are_images_and_labels(pad):
    assert [array.shape for array in pad.collected] == [(0, 28, 28), (0,)]
    pad.box = pad.centre = False  # the switches do not matter
    for digit in (3, 1, 4):
        pad.strokes = sample_strokes(digit)
        pad.keep(digit)
        pad.clear()
    images, labels = pad.collected
    assert images.dtype == labels.dtype == np.uint8
    assert labels.tolist() == [3, 1, 4]
    np.testing.assert_array_equal(images, [rasterise(sample_strokes(digit)) for digit in (3, 1, 4)])
    np.testing.assert_array_equal(pad.collected_strokes[1][0], sample_strokes(1)[0])
    with pytest.raises(ValueError, match="draw something"):
        pad.keep(3)


def test_kept_digits_are_files_that_load_data_reads_and_there_again_after_a_restart(tmp_path):
    folder = tmp_path / "deep" / "mine"
    pad = SketchPad(save_to=folder)
    for seed in range(3):
        for digit in (7, 2):
            pad.strokes = sample_strokes(digit, seed)
            pad.keep(digit)
    digits = load_data(folder)
    # every other one of each digit, so that both halves have all digits
    assert digits.train_labels.tolist() == [7, 2, 7, 2]
    assert digits.test_labels.tolist() == [7, 2]

    again = SketchPad(save_to=folder)
    np.testing.assert_array_equal(again.collected[0], pad.collected[0])
    np.testing.assert_array_equal(again.collected_strokes[0][0], sample_strokes(7, 0)[0])
    assert again._kept["counts"] == [0, 0, 3, 0, 0, 0, 0, 3, 0, 0]
    assert again._kept["says"] == "6 digits kept in deep/mine."


def test_the_page_keeps_takes_back_and_asks_for_samples(pad):
    pad._handle_custom_msg({"kind": "keep", "label": 3, "strokes": THREE}, [])
    assert pad.collected[1].tolist() == [3]
    assert pad._kept["says"] == "Kept as a 3. 1 digit kept in memory."
    assert pad._kept["own"] == 1
    pad._handle_custom_msg({"kind": "take back"}, [])
    assert pad._kept["own"] == 0  # then the page shows no button for it
    assert pad.collected[1].tolist() == []
    assert pad._kept["says"] == "Took back a 3. No digits kept in memory yet."
    pad._handle_custom_msg({"kind": "keep", "label": 3, "strokes": []}, [])
    assert "draw something" in pad._kept["says"]
    pad._handle_custom_msg({"kind": "sample", "digit": 4}, [])
    assert pad.probabilities.argmax() == 4


def test_a_folder_that_cannot_be_written_is_told_and_the_digit_is_saved_later(tmp_path):
    folder = tmp_path / "mine"
    pad = SketchPad(save_to=folder)
    folder.write_text("a file stands where the folder should be")
    pad._handle_custom_msg({"kind": "keep", "label": 3, "strokes": THREE}, [])
    assert "Not saved" in pad._kept["says"]
    assert pad._kept["tone"] == "trouble"
    assert pad._kept["counts"][3] == 1
    folder.unlink()
    pad.strokes = THREE
    pad.keep(8)
    assert pad._kept["tone"] == ""
    assert SketchPad(save_to=folder).collected[1].tolist() == [3, 8]


def test_a_collection_that_is_damaged_meanwhile_is_left_alone_and_the_digit_stays_in_memory(tmp_path):
    pad = SketchPad(save_to=tmp_path)
    pad.strokes = THREE
    pad.keep(3)
    path = tmp_path / "drawings.json"
    good = path.read_text()
    path.write_text("something else")
    pad._handle_custom_msg({"kind": "keep", "label": 5, "strokes": THREE}, [])
    assert pad._kept["tone"] == "trouble"
    assert str(path) in pad._kept["says"]
    assert path.read_text() == "something else"
    path.write_text(good)
    assert pad.collected[1].tolist() == [3, 5]


def test_collections_are_saved_where_git_does_not_look():
    assert ROOT / "data" / "mine" == sketchpad.MINE
    assert "data/mine/" in (ROOT / ".gitignore").read_text().split()
