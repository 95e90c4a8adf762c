"""mnistlib.plots: what is drawn, with which words, and that nothing stays open."""

import base64
import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex, to_rgb

from mnistlib import History, plots

IMAGES = np.random.default_rng(0).integers(0, 256, (12, 28, 28), dtype=np.uint8)


@pytest.fixture
def shown(monkeypatch):
    """The figures that were shown, as pairs (figure, words); at the end none may be open."""
    figures = []

    def display(figure, metadata):
        figure.canvas.draw()
        figures.append((figure, metadata["image/png"]["alt"]))

    monkeypatch.setattr(plots, "display", display)
    yield figures
    assert plt.get_fignums() == []
    assert len(figures) == 1


def pictures(figure):
    return [axis.images[0].get_array() for axis in figure.axes if axis.images]


def test_notebook_stores_one_picture_with_its_words(run_cells):
    cell = "plt.plot([1, 2])\nplots.show('a rising line')"
    _, outputs = run_cells("import matplotlib.pyplot as plt\nfrom mnistlib import plots", cell)
    assert [output.output_type for output in outputs] == ["display_data"]
    about = outputs[0].metadata["image/png"]
    assert about["alt"] == "a rising line"
    picture = base64.b64decode(outputs[0].data["image/png"])
    assert picture.startswith(b"\x89PNG")
    # the file has two pixels for each that the page is told to give it, for sharp screens
    assert int.from_bytes(picture[16:20], "big") == pytest.approx(2 * about["width"], abs=1)


def test_look_is_set_by_the_import():
    assert plt.rcParams["figure.facecolor"] == "white"
    assert not plt.rcParams["axes.spines.top"]
    six = [plots.BLUE, plots.ORANGE, plots.GREEN, plots.RED, plots.PURPLE, plots.SKY]
    assert plt.rcParams["axes.prop_cycle"].by_key()["color"] == six


def test_show_takes_the_figure_being_drawn_or_the_one_given(shown):
    other = plt.figure()
    plt.figure()
    plots.show("the other", other)
    assert shown == [(other, "the other")]
    plt.close()


@pytest.mark.parametrize(
    "images",
    [IMAGES, IMAGES.reshape(12, 784), IMAGES / 255, IMAGES.astype(np.float32), list(IMAGES), IMAGES > 127],
    ids=["cubes", "rows", "floats", "float32", "list", "mask"],
)
def test_digits_of_every_form_are_drawn_upright_and_in_order(images, shown):
    plots.show_digits(images)
    drawn = pictures(shown[0][0])
    assert len(drawn) == 12
    for picture, image in zip(drawn, images, strict=True):
        np.testing.assert_array_equal(picture, np.reshape(image, (28, 28)))


def test_digits_titles_stand_above_their_images_and_in_the_words(shown):
    plots.show_digits(IMAGES[:3], [7, "two", np.uint8(1)], columns=2)
    figure, alt = shown[0]
    assert [axis.get_title() for axis in figure.axes] == ["7", "two", "1", ""]
    assert figure.axes[0].get_subplotspec().get_gridspec().get_geometry() == (2, 2)
    assert alt == "3 images of handwritten digits, titled 7, two, 1"


def test_digits_of_different_sizes_come_in_a_list(shown):
    plots.show_digits([IMAGES[0], IMAGES[0, 4:24, 8:24], IMAGES[1].reshape(784), IMAGES[2:3].reshape(1, 784)])
    # 16 columns: no 20 pictures of 4 × 4
    assert [picture.shape for picture in pictures(shown[0][0])] == [(28, 28), (20, 16), (28, 28), (28, 28)]


def test_signed_images_are_white_at_nought_on_one_scale(shown):
    weights = np.random.default_rng(0).normal(size=(3, 784)) * [[1], [2], [0.5]]
    plots.show_digits(weights, signed=True)
    drawn = [axis.images[0] for axis in shown[0][0].axes]
    limits = {image.get_clim() for image in drawn}
    assert limits == {(-np.abs(weights).max(), np.abs(weights).max())}
    below, nought, above = (drawn[0].cmap(drawn[0].norm(x))[:3] for x in (-9, 0, 9))
    assert (to_hex(below).upper(), to_hex(above).upper()) == (plots.NEGATIVE, plots.POSITIVE)
    np.testing.assert_allclose(nought, 1, atol=0.01)


def test_one_scale_for_all_images_from_white_to_black(shown):
    plots.show_digits([IMAGES[0], IMAGES[1] // 2], black=255, alt="mine")
    figure, alt = shown[0]
    drawn = [axis.images[0] for axis in figure.axes]
    shades = [[to_hex(image.cmap(image.norm(ink))) for ink in (0, 255)] for image in drawn]
    assert shades == [["#ffffff", "#000000"]] * 2
    assert alt == "mine"


def test_label_ends_names_labelled_lines_in_their_colour_but_darker_beside_the_picture_and_apart():
    figure, axis = plt.subplots(figsize=(7, 4))
    axis.plot([0, 1], [100, 79])
    lines = [axis.plot([0, 1], [100, 80 + n], label=name)[0] for n, name in enumerate("dcba")]
    lines.insert(0, axis.axhline(10, label="far"))
    plots.label_ends(axis)  # with limits that nobody has asked for yet
    figure.canvas.draw()
    assert [(text.get_text(), text.xy[1]) for text in axis.texts] == [
        ("far", 10), ("d", 80), ("c", 81), ("b", 82), ("a", 83)
    ]  # fmt: skip
    for line, text in zip(lines, axis.texts, strict=True):
        np.testing.assert_allclose(to_rgb(text.get_color()), 0.7 * np.array(to_rgb(line.get_color())))
    boxes = [text.get_window_extent() for text in axis.texts]
    assert all(lower.y1 <= upper.y0 + 1 for lower, upper in itertools.pairwise(boxes))
    assert min(box.x0 for box in boxes) > axis.transData.transform((1, 0))[0]
    plt.close(figure)


def test_one_curve_needs_no_name(shown):
    plots.show_curves({"cost": [3, 2]}, xlabel="step", ylabel="cost", alt="one", title="It falls")
    axis = shown[0][0].axes[0]
    assert not axis.texts
    assert axis.get_title(loc="left") == "It falls"


def test_curves(shown):
    plots.show_curves(
        {"a": [3, 2, 1], "b": [4, 5]}, xlabel="round", ylabel="cost", alt="two", start=0, log=True
    )
    axis = shown[0][0].axes[0]
    assert [line.get_xydata().tolist() for line in axis.lines] == [[[0, 3], [1, 2], [2, 1]], [[0, 4], [1, 5]]]
    assert (axis.get_xlabel(), axis.get_ylabel(), axis.get_yscale()) == ("round", "cost", "log")
    assert [text.get_text() for text in axis.texts] == ["a", "b"]
    first, second = axis.lines
    assert first.get_color() != second.get_color()
    assert first.get_linestyle() != second.get_linestyle()  # told apart in black and white, too


@pytest.mark.parametrize("validated", [True, False])
def test_history(validated, shown):
    measured = {"validation_loss": [0.6, 0.4], "validation_accuracy": [0.8, 0.9]} if validated else {}
    plots.show_history(History(loss=[0.5, 0.3], **measured), alt="falling")
    losses, accuracy = shown[0][0].axes
    assert [line.get_ydata().tolist() for line in losses.lines] == [[0.5, 0.3], [0.6, 0.4]][: 1 + validated]
    points = [line.get_xydata() for line in accuracy.lines]
    np.testing.assert_allclose(points, [[[1, 80], [2, 90]]] if validated else [])


@pytest.mark.parametrize("sizes", [(3, 2), (784, 20, 16, 10), (1, 1), (12, 21)])
def test_network(sizes, shown):
    plots.show_network(sizes)
    figure, alt = shown[0]
    assert "-".join(map(str, sizes)) in alt
    words = [text.get_text() for text in figure.axes[0].texts]
    for size, role in zip(sizes, ["inputs", *["hidden"] * (len(sizes) - 2), "outputs"], strict=True):
        assert f"{size} {role}" in words
    assert words.count("⋮") == sum(size > 20 for size in sizes)
    drawn = figure.axes[0].collections
    units = [len(layer.get_offsets()) for layer in drawn if not isinstance(layer, LineCollection)]
    assert units == [min(size, 20) for size in sizes]
    lines = [len(some.get_segments()) for some in drawn if isinstance(some, LineCollection)]
    assert lines[0::2] == [m * n for m, n in itertools.pairwise(units)]
    assert lines[1::2] == units[:-1]  # those into one unit


def test_chain(shown):
    plots.show_chain(["x", "z", "a"], ["W", "a(1 − a)"], alt="a chain")
    words = [text.get_text() for text in shown[0][0].axes[0].texts]
    assert [word for word in words if word] == ["x", "z", "a", "W", "a(1 − a)"]
    assert words.count("") == 4  # an arrow forward and one back for each slope


@pytest.mark.parametrize(
    ("sizes", "x", "z"),
    [
        ((200, 40), (200,), (40,)),
        ((200, 40, 100), (100, 200), (100, 40)),
        ((20, 10, 200), (200, 20), (200, 10)),
    ],
)
def test_layer_has_a_box_in_proportion_for_each_shape(sizes, x, z, shown):
    plots.show_layer(*sizes)
    figure, alt = shown[0]
    W, b = sizes[:2], sizes[1:2]
    words = [text.get_text() for text in figure.axes[0].texts]
    assert words == [f"x {x}", "@", f"W {W}", "+", f"b {b}", "=", f"z {z}"]
    assert alt == f"The shapes as boxes: {' '.join(words)}. The sides of length {W[0]} of x and W are marked"
    # the sides of a box grow with the root of what they stand for
    drawn = [max(sizes) * np.square([box.get_width(), box.get_height()]) for box in figure.axes[0].patches]
    sides = [((1, *shape)[-1], (1, *shape)[-2]) for shape in (x, W, b, z)]  # width, height
    np.testing.assert_allclose(drawn, sides)
    # what @ adds up, the upper side of x and the left side of W, is marked
    lengths = [np.ptp(line.get_xydata(), axis=0) ** 2 * max(sizes) for line in figure.axes[0].lines]
    np.testing.assert_allclose(lengths, [[W[0], 0], [0, W[0]]], atol=1e-9)


def test_words_below_the_boxes_of_a_layer_do_not_overlap(shown):
    plots.show_layer(20, 10, 1000)
    figure = shown[0][0]
    spans = [text.get_window_extent() for text in figure.axes[0].texts if len(text.get_text()) > 1]
    assert all(left.x1 < right.x0 for left, right in itertools.pairwise(spans))
    assert all(span.y0 > 0 for span in spans)


def test_product_marks_the_two_sides_that_disappear(shown):
    plots.show_product({"X.T": (784, 100), "Delta": (100, 20), "dW": (784, 20)})
    figure, alt = shown[0]
    words = [text.get_text() for text in figure.axes[0].texts]
    assert words == ["X.T (784, 100)", "@", "Delta (100, 20)", "=", "dW (784, 20)"]
    marks = [line.get_xydata() for line in figure.axes[0].lines]
    assert [round(np.ptp(mark, axis=0).max() ** 2 * 784) for mark in marks] == [100, 100]
    assert "X.T (784, 100) @ Delta (100, 20) = dW (784, 20)" in alt


def test_rows_are_the_images_laid_out(shown):
    plots.show_rows(IMAGES[:4], [7, 2, 1, 0])
    figure, alt = shown[0]
    axes = np.array(figure.axes).reshape(4, 3)
    for (square, row, label), image, digit in zip(axes, IMAGES, [7, 2, 1, 0], strict=False):
        np.testing.assert_array_equal(square.images[0].get_array(), image)
        np.testing.assert_array_equal(row.images[0].get_array(), image.reshape(1, 784))
        assert [text.get_text() for text in label.texts] == [str(digit)]
    assert [axis.get_title() for axis in axes[0]] == ["images\n(4, 28, 28)", "rows\n(4, 784)", "labels\n(4,)"]
    assert "4 images" in alt
    assert "7, 2, 1, 0" in alt


def test_epoch_shows_every_image_above_and_again_below_with_its_label(shown):
    labels, order = np.arange(10)[::-1], np.array([3, 1, 4, 0, 5, 9, 2, 6, 8, 7])
    plots.show_epoch(IMAGES[:10], labels, order, 4)
    figure, alt = shown[0]
    axis = figure.axes[0]
    drawn = [image.get_array() for image in axis.images]
    np.testing.assert_array_equal(drawn, np.concatenate([IMAGES[:10], IMAGES[order]]))
    words = [text.get_text() for text in axis.texts]
    assert words == [*map(str, labels), *map(str, labels[order]), "step 1", "step 2", "step 3"]
    assert alt.endswith("6, 8, 5, 9; 4, 0, 7, 3; 1, 2")
    # each label below its own image, and each frame around its batch
    left, right, bottom, _ = np.transpose([image.get_extent() for image in axis.images])
    x, y = np.transpose([text.get_position() for text in axis.texts[:20]])
    assert np.all((left < x) & (x < right) & (y < bottom))
    frames = [(box.get_x(), box.get_x() + box.get_width()) for box in axis.patches]
    assert [np.sum((start < left[10:]) & (right[10:] < end)) for start, end in frames] == [4, 4, 2]
    # a line from each image above to the same image below
    middles = (left + right) / 2
    ends = [line.get_xdata() for line in axis.lines]
    np.testing.assert_allclose(ends, np.column_stack([middles[order], middles[10:]]))


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: plots.show_digits([]), "no images to show"),
        (lambda: plots.show_digits(IMAGES, []), "0 titles for 12 images"),
        (lambda: plots.show_digits(IMAGES, list("thirteen txt.")), "13 titles for 12 images"),
        (
            lambda: plots.show_curves({name: [1] for name in "abcdefg"}, xlabel="", ylabel="", alt=""),
            "7 curves",
        ),
        (lambda: plots.show_layer(0, 3), "every axis needs a length of at least 1"),
        (lambda: plots.show_layer(3, -1), "every axis needs a length of at least 1"),
        (lambda: plots.show_layer(3, 3, 0), "every axis needs a length of at least 1"),
        (lambda: plots.show_product({"a": (3, 2), "b": (3, 4), "c": (2, 4)}), "no matrix product"),
        (lambda: plots.show_product({"a": (3, 2), "b": (2, 4), "c": (4, 3)}), "no matrix product"),
        (lambda: plots.show_product({"a": (3, 2), "b": (2, 4)}), "expected three"),
        (lambda: plots.show_rows(IMAGES[:3], [1, 2]), "3 images need labels of shape"),
        (lambda: plots.show_rows(IMAGES, np.zeros(12)), "no more than 8"),
        (lambda: plots.show_rows(np.zeros((2, 3, 4)), [1, 2]), "expected"),
        (lambda: plots.show_epoch(IMAGES[:3], [1, 2], [0, 1, 2], 1), "3 images need labels of shape"),
        (lambda: plots.show_epoch(np.zeros((17, 28, 28)), np.zeros(17), range(17), 4), "no more than 16"),
        (lambda: plots.show_epoch(IMAGES[:3], [1, 2, 3], [0, 1, 1], 1), "each of the numbers 0 to 2 once"),
        (lambda: plots.show_epoch(IMAGES[:3], [1, 2, 3], [0, 1], 1), "each of the numbers 0 to 2 once"),
        (lambda: plots.show_epoch(IMAGES[:3], [1, 2, 3], [0, 1, 2], 0), "at least one image"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, words):
    with pytest.raises(ValueError, match=words):
        draw()
    assert plt.get_fignums() == []


# Machado, Oliveira and Fernandes 2009, severity 1: what people see who lack one kind of cone.
VISION = {
    "usual": np.eye(3),
    "protanopia": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]],
    "deuteranopia": [[0.3673, 0.8607, -0.2280], [0.2803, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]],
    "tritanopia": [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]],
}


@pytest.mark.parametrize("seen_by", VISION)
def test_colours_can_be_told_apart(seen_by):
    def nearest(*names):
        seen = [lab(np.array(VISION[seen_by]) @ linear(getattr(plots, name))) for name in names]
        return min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2))

    # 2.3 is a just noticeable difference
    assert nearest("BLACK", "ORANGE", "SKY", "GREEN", "YELLOW", "BLUE", "RED", "PURPLE") > 10
    assert nearest("TRAINING", "VALIDATION", "TEST") > 40
    assert nearest("POSITIVE", "NEGATIVE") > 40
    assert nearest("GOOD", "BAD") > 30


def linear(colour):
    """The light of an sRGB colour, (3,), without its gamma (IEC 61966-2-1)."""
    c = np.array(to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(light):
    """CIE 1976 L*a*b* of linear sRGB light, (3,): equal distances look about equally far apart."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(to_xyz @ light.clip(0, 1) / to_xyz.sum(axis=1))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])
