"""The pictures that several notebooks draw, in one look: importing this module sets it for all figures.

Used in all notebooks.

The colours are those of Okabe and Ito (2008, "Color universal design"), chosen so that people with any kind
of colour vision can tell them apart. Every picture is shown with a text that describes it (``alt``): screen
readers speak it, and it is stored in the notebook.
"""

import itertools
import operator
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from IPython import get_ipython
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib_inline.backend_inline import set_matplotlib_formats
from numpy.typing import ArrayLike

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, RED, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY = "#8A8A8A"  # what stands in the background, and what is there for comparison
PALE = "#C8C8C8"  # a box that is neither input nor output
# A colour means the same in every notebook.
INPUT, HIDDEN, OUTPUT = SKY, PURPLE, GREEN
TRAINING, VALIDATION, TEST = BLUE, ORANGE, BLACK
GOOD, BAD = GREEN, RED  # what is right is drawn as outputs are, what is wrong as numbers below 0
POSITIVE, NEGATIVE = BLUE, RED
SIGNED = LinearSegmentedColormap.from_list("signed", [NEGATIVE, "white", POSITIVE])  # 0 is white

MOST_UNITS = 20  # circles of a layer: more have no room

plt.style.use("mnistlib.plumbing.course")  # course.mplstyle in plumbing/
if get_ipython():
    set_matplotlib_formats("retina")  # twice as many pixels, for sharp screens and for paper


def show(alt: str, figure: Figure | None = None) -> None:
    """Show the figure that is being drawn (or the given one), described by the text `alt`, and close it.

    Like `plt.show()`, with words for those who do not see the picture.
    """
    figure = figure or plt.gcf()
    display(figure, metadata={"image/png": {"alt": alt}})
    plt.close(figure)


def label_ends(axis: Axes) -> None:
    """Write the name of each labelled line at its right end, in its colour: what a legend says, where it is.

    Call it last: the names are moved apart for the limits that the axis has then.
    """
    axis.get_ylim()  # matplotlib works the limits out only when it is asked
    ends = []
    for line in axis.lines:
        _, y = line.get_transform().transform(line.get_xydata()[-1])
        if not line.get_label().startswith("_"):
            ends.append((y * 72 / axis.figure.dpi, line))  # in points, as letters are
    height = -np.inf
    for y, line in sorted(ends, key=operator.itemgetter(0)):
        height = max(y, height + 1.25 * plt.rcParams["font.size"])
        axis.annotate(
            line.get_label(),
            line.get_xydata()[-1],
            xycoords=line.get_transform(),
            xytext=(6, height - y),
            textcoords="offset points",
            va="center",
            color=_darker(line.get_color()),
            annotation_clip=False,
        )


def _darker(colour: str) -> np.ndarray:
    """The colour for letters, which are thin, beside a line or a dot of this colour."""
    return 0.7 * np.array(to_rgb(colour))


def show_digits(
    images: ArrayLike,
    titles: Iterable | None = None,
    *,
    columns: int = 10,
    alt: str | None = None,
    size: float = 0.95,
    signed: bool = False,
    black: float | None = None,
) -> None:
    """Show grey images side by side, ink dark on white paper.

    images: (N, 28, 28), rows (N, 784), or one image (28, 28), of any number type, or a list of images of
    different sizes, up to (28, 28); titles: N short texts above them. signed: numbers below 0 in red, above 0
    in blue, on one scale for all, as weights need it. black: one scale for all, from 0 in white to this
    number in black; without it each image has its own. Raises ValueError for other shapes.
    """
    if isinstance(images, list) and images:
        images = [_as_picture(np.asarray(image)) for image in images]
    else:
        images = _as_squares(np.asarray(images))
    count = len(images)
    titles = [""] * count if titles is None else [str(title) for title in titles]
    if len(titles) != count:
        raise ValueError(f"{len(titles)} titles for {count} images: give one title to each")
    columns = min(columns, count)
    rows = -(-count // columns)  # rounded up
    height = size + 0.28 * any(titles)
    figure, axes = plt.subplots(rows, columns, figsize=(columns * size, rows * height), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    largest = max(np.abs(image).max() for image in images)
    style = {"cmap": SIGNED, "vmin": -largest, "vmax": largest} if signed else {"cmap": "gray_r"}
    if black is not None:
        style |= {"vmin": 0, "vmax": black}
    for axis, image, title in zip(axes.flat, images, titles, strict=False):
        axis.imshow(image, **style)
        axis.set_title(title, fontsize=11, fontweight="normal", loc="center", pad=3)
    figure.tight_layout(pad=0.3)
    titled = ", titled " + ", ".join(titles) if any(titles) else ""
    show(alt or f"{count} images of handwritten digits{titled}", figure)


def _as_picture(image: np.ndarray) -> np.ndarray:
    """One image: a table of up to 28 rows and columns (perhaps a cut-out) as it is, others square."""
    if image.ndim == 2 and image.size and max(image.shape) <= 28:
        return image
    return _as_squares(image)[0]


def _as_squares(images: np.ndarray) -> np.ndarray:
    """Images of any accepted shape as (N, side, side)."""
    side = round(images.shape[-1] ** 0.5) if images.ndim else 0
    if images.size == 0:
        raise ValueError(f"no images to show: their shape is {images.shape}")
    if images.ndim in (2, 3) and images.shape[-1] == images.shape[-2] <= 28:
        return images.reshape(-1, *images.shape[-2:])
    if images.ndim in (1, 2) and side**2 == images.shape[-1]:
        return images.reshape(-1, side, side)
    raise ValueError(f"images have shape {images.shape}: expected (N, 28, 28), (28, 28), (N, 784) or (784,)")


def show_curves(
    curves: Mapping[str, Sequence[float]],
    *,
    xlabel: str,
    ylabel: str,
    alt: str,
    title: str | None = None,
    start: int = 1,
    log: bool = False,
) -> None:
    """Show curves over rounds, epochs or steps. curves: {name: numbers}; the first point is at `start`.

    The title says what is to be seen. Raises ValueError for more than six curves: nobody could tell them
    apart.
    """
    if len(curves) > 6:
        raise ValueError(f"{len(curves)} curves: six at most can be told apart")
    figure, axis = plt.subplots()
    for (name, values), style in zip(curves.items(), ("-", "--", "-.", ":", "-", "--"), strict=False):
        axis.plot(np.arange(start, start + len(values)), values, style, label=name)
    axis.set(ylabel=ylabel, title=title, yscale="log" if log else "linear")
    _count_along(axis, xlabel)
    figure.tight_layout()
    if len(curves) > 1:
        label_ends(axis)
    show(alt, figure)


def _count_along(axis: Axes, what: str) -> None:
    """Whole numbers along x, since there is no half round, and lines across at the numbers along y."""
    axis.set_xlabel(what)
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.grid(axis="y")


def show_history(history: Any, *, alt: str) -> None:
    """Show the losses and the validation accuracy of a training, epoch by epoch (see training.History)."""
    epochs = np.arange(1, len(history.loss) + 1)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.4))
    left.plot(epochs, history.loss, color=TRAINING, label="training")
    left.set_ylabel("loss")
    if history.validation_loss:
        left.plot(epochs, history.validation_loss, "--", color=VALIDATION, label="validation")
        right.plot(epochs, 100 * np.array(history.validation_accuracy), "--", color=VALIDATION)
    right.set_ylabel("validation accuracy (%)")
    for axis in (left, right):
        _count_along(axis, "epoch")
    figure.tight_layout(w_pad=6)  # room for the names at the ends
    label_ends(left)
    show(alt, figure)


def show_network(sizes: Sequence[int]) -> None:
    """Draw a fully connected network: a column of units for each layer, a line for each weight.

    Of each layer, the lines into one unit are darker, so that the eye can follow them. Layers with more than
    twenty units are drawn with a gap and their size in words.
    """
    tallest = min(max(sizes), MOST_UNITS)
    columns = [_unit_heights(size, tallest) for size in sizes]
    roles = [(INPUT, "inputs"), *[(HIDDEN, "hidden")] * (len(sizes) - 2), (OUTPUT, "outputs")]
    height = max(1.6, 0.2 * tallest)  # inches
    figure, axis = plt.subplots(figsize=(8.4, height + 0.6))
    for x, (left, right) in enumerate(itertools.pairwise(columns)):
        weights = [((x, y0), (x + 1, y1)) for y0 in left for y1 in right]
        # sharp-edged and of one colour: soft ones make the file ten times as big
        axis.add_collection(LineCollection(weights, color="#E2E2E2", linewidth=0.5, antialiased=False))
        into_one = weights[len(right) // 3 :: len(right)]
        axis.add_collection(LineCollection(into_one, color="#777777", linewidth=0.7))
    for x, (heights, size, (colour, name)) in enumerate(zip(columns, sizes, roles, strict=True)):
        axis.scatter([x] * len(heights), heights, s=95, color=colour, edgecolors="white", zorder=2)
        if size > MOST_UNITS:
            axis.text(x, 0, "⋮", ha="center", va="center", fontsize=20)
        words = f"{size} {name}"
        axis.text(x, -1 - 0.5 / height, words, ha="center", va="top", color=_darker(colour))
    axis.set_ylim(-1 - 1 / height, 1 + 0.2 / height)
    axis.axis("off")
    figure.tight_layout()
    text = "-".join(map(str, sizes))
    show(f"Diagram of a {text} network: each unit of a layer is joined to every unit of the next", figure)


def _unit_heights(size: int, tallest: int) -> np.ndarray:
    """Where a layer's circles stand, between −1 and 1; a big layer leaves a gap in the middle."""
    if size > MOST_UNITS:
        upper = np.linspace(1, 0.2, MOST_UNITS // 2)
        return np.concatenate([upper, -upper[::-1]])
    reach = size / tallest
    return np.linspace(reach, -reach, size) if size > 1 else np.zeros(1)


def show_chain(boxes: Sequence[str], slopes: Sequence[str], *, alt: str) -> None:
    """Draw a chain of boxes with arrows forward, and below them the slopes that backpropagation multiplies.

    boxes: N short texts; slopes: N − 1 texts, the slope of each box with respect to the box before it.
    """
    figure, axis = plt.subplots(figsize=(9.2, 1.9))
    style = {"boxstyle": "round,pad=0.5", "facecolor": "#EAF4FB", "edgecolor": "none"}
    texts = [axis.text(x, 0, text, ha="center", va="center", bbox=style) for x, text in enumerate(boxes)]
    for x, text in enumerate(slopes):
        for start, end, colour, bend in ((x, x + 1, BLUE, 0), (x + 1, x, RED, -0.5)):
            arrow = {"arrowstyle": "->", "color": colour, "linewidth": 1.6, "shrinkA": 2, "shrinkB": 2}
            arrow |= {"patchA": texts[start].get_bbox_patch(), "patchB": texts[end].get_bbox_patch()}
            arrow["connectionstyle"] = f"arc3,rad={bend}"
            axis.annotate("", xy=(end, 0), xytext=(start, 0), arrowprops=arrow)
        axis.text(x + 0.5, -0.86, text, ha="center", va="center", color=RED)
    axis.set(xlim=(-0.5, len(boxes) - 0.5), ylim=(-1.1, 0.5))
    axis.axis("off")
    figure.tight_layout()
    show(alt, figure)


def show_layer(n_in: int, n_out: int, n: int | None = None) -> None:
    """Draw the shapes of `x @ W + b`: a box for each array, its sides growing with the root of its axes.

    n_in, n_out: how many inputs and units the layer has; n: how many examples go in at once, one in each row,
    or None for a single one without an axis of its own. The axis on which `@` adds up is red. (Drawn in
    proportion, 20 beside 784 would be a hair.) Raises ValueError for lengths below 1.
    """
    if min(n_in, n_out, 1 if n is None else n) < 1:
        raise ValueError(f"n_in={n_in}, n_out={n_out}, n={n}: every axis needs a length of at least 1")
    rows = () if n is None else (n,)
    arrays = {"x": (*rows, n_in), "W": (n_in, n_out), "b": (n_out,), "z": (*rows, n_out)}
    _show_boxes(arrays, ("", "@", "+", "="), (SKY, PALE, PALE, PURPLE), " of x and W")


def show_product(arrays: Mapping[str, tuple[int, int]]) -> None:
    """Draw the shapes of a matrix product as `show_layer` does. arrays: {name: shape} of left, right, result.

    Raises ValueError unless there are three, and the shapes fit.
    """
    if len(arrays) != 3:
        raise ValueError(f"{len(arrays)} arrays: expected three, the left one, the right one, and the result")
    (rows, along), (along_too, columns), result = arrays.values()
    if along != along_too or tuple(result) != (rows, columns):
        raise ValueError(f"{' and '.join(map(str, arrays.values()))} are no matrix product's shapes")
    _show_boxes(arrays, ("", "@", "="), (SKY, PURPLE, PALE))


def _show_boxes(arrays, signs, colours, whose=""):
    """Arrays {name: shape} as boxes, with signs; of the first two the sides that disappear are red."""
    reach = max(itertools.chain(*arrays.values()))  # the longest side: 1 in the drawing
    (*_, along), *_ = arrays.values()
    figure, axis = plt.subplots(figsize=(8.4, 3.6))
    words, x = "", 0
    for number, ((name, shape), sign, colour) in enumerate(zip(arrays.items(), signs, colours, strict=True)):
        if sign:
            axis.text(x + 0.08, 0, sign, ha="center", va="center", fontsize=16)
            words += f" {sign}"
            x += 0.16
        height, width = ((length / reach) ** 0.5 for length in (1, *shape)[-2:])
        room = max(width, 0.34)  # for the words below
        x += (room - width) / 2
        axis.add_patch(plt.Rectangle((x, -height / 2), width, height, facecolor=colour))
        if number < 2:  # the columns of the left one, the rows of the right one
            ends = [([x, x + width], [height / 2] * 2), ([x, x], [-height / 2, height / 2])]
            axis.plot(*ends[number], color=RED, linewidth=3.5, solid_capstyle="butt")
        axis.text(x + width / 2, -height / 2 - 0.05, f"{name} {shape}", ha="center", va="top")
        words += f" {name} {shape}"
        x += (room + width) / 2
    axis.set(xlim=(-0.15, x + 0.15), ylim=(-0.68, 0.55), aspect="equal")
    title = f"The marked sides, {along} long, match: they are added up and disappear"
    axis.set_title(title, loc="center")  # it is wider than some rows of boxes
    axis.axis("off")
    figure.tight_layout()
    show(f"The shapes as boxes:{words}. The sides of length {along}{whose} are marked", figure)


def show_rows(images: ArrayLike, labels: ArrayLike) -> None:
    """Draw how images become a batch: each is laid out as one row of pixels, with its label beside it.

    images: (N, 28, 28), or another form that `show_digits` takes; labels: (N,). Raises ValueError for more
    than eight images, for another number of labels, and for arrays that are no images.
    """
    images, labels = _with_labels(images, labels, most=8)
    n, side = len(images), images.shape[-1]
    figure, axes = plt.subplots(n, 3, figsize=(8.4, 0.62 * n + 0.5), squeeze=False, width_ratios=(1, 7, 1))
    for (left, middle, right), image, label in zip(axes, images, labels, strict=True):
        left.imshow(image, cmap="gray_r")
        middle.imshow(image.reshape(1, -1), cmap="gray_r", aspect="auto", interpolation="nearest")
        right.text(0.5, 0.5, label, ha="center", va="center", fontsize=13)
        for axis in (left, middle, right):
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set(visible=axis is middle, color=GREY, alpha=0.5)
    shapes = (f"images\n({n}, {side}, {side})", f"rows\n({n}, {side * side})", f"labels\n({n},)")
    for axis, words in zip(axes[0], shapes, strict=True):
        axis.set_title(words, fontsize=11, fontweight="normal", loc="center")
    figure.tight_layout(pad=0.4)
    words = f"{n} images, each as a square and as one row of {side * side} pixels, with the labels "
    show(words + ", ".join(map(str, labels)), figure)


def show_epoch(images: ArrayLike, labels: ArrayLike, order: ArrayLike, batch_size: int) -> None:
    """Draw one epoch: images with their labels as they lie, then in the shuffled order, cut into batches.

    images: (N, 28, 28), or another form that `show_digits` takes; labels: (N,); order: a permutation of
    0 … N − 1. Raises ValueError for more than sixteen images, for another number of labels, for an order
    in which an image is missing or comes twice, and for a batch size below 1.
    """
    images, labels = _with_labels(images, labels, most=16)
    n, order = len(images), np.asarray(order)
    if sorted(order.tolist()) != list(range(n)):
        raise ValueError(f"order must hold each of the numbers 0 to {n - 1} once, not {order.tolist()}")
    if batch_size < 1:
        raise ValueError(f"batch_size={batch_size}: a batch needs at least one image")
    gap = 0.5  # between two batches
    below = np.arange(n) + gap * (np.arange(n) // batch_size)  # where the shuffled images stand
    above = np.arange(n) + (below[-1] - (n - 1)) / 2
    figure, axis = plt.subplots(figsize=(0.62 * (below[-1] + 1), 3))
    for places, y, numbers in ((above, 3.2, np.arange(n)), (below, 0, order)):
        for x, number in zip(places, numbers, strict=True):
            axis.imshow(images[number], cmap="gray_r", extent=(x, x + 0.92, y, y + 0.92))
            axis.text(x + 0.46, y - 0.12, labels[number], ha="center", va="top", fontsize=11)
    for x, number in zip(below, order, strict=True):
        axis.plot([above[number] + 0.46, x + 0.46], [2.55, 1.05], color=GREY, linewidth=0.9)
    for step, start in enumerate(range(0, n, batch_size)):
        x, last = below[start] - 0.1, below[min(start + batch_size, n) - 1] + 1.02
        axis.add_patch(plt.Rectangle((x, -0.62), last - x, 1.65, fill=False, edgecolor=BLUE, linewidth=1.8))
        axis.text((x + last) / 2, -0.8, f"step {step + 1}", ha="center", va="top", color=BLUE, fontsize=11)
    axis.set(xlim=(-0.2, below[-1] + 1.12), ylim=(-1.4, 4.2), aspect="equal")
    axis.axis("off")
    figure.tight_layout(pad=0.3)
    batches = [", ".join(map(str, labels[order[k : k + batch_size]])) for k in range(0, n, batch_size)]
    words = f"{n} images with their labels; shuffled, and cut into batches with the labels "
    show(words + "; ".join(batches), figure)


def _with_labels(images: ArrayLike, labels: ArrayLike, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Images as (N, side, side) and their labels as (N,); ValueError unless there are as many, and few."""
    images, labels = _as_squares(np.asarray(images)), np.asarray(labels)
    if labels.shape != (len(images),):
        raise ValueError(f"{len(images)} images need labels of shape ({len(images)},), not {labels.shape}")
    if len(images) > most:
        raise ValueError(f"{len(images)} images: no more than {most} have room in this picture")
    return images, labels
