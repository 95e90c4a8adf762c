"""The pictures that several notebooks draw, in one palette.

The colours are those of Okabe and Ito (2008, "Color universal design"), chosen so that people with any kind
of colour vision can tell them apart. Every picture is shown with a text that describes it (``alt``): screen
readers speak it, and it is stored in the notebook.
"""

import itertools

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display

BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, RED, PURPLE = (
    "#000000",
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#F0E442",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
)
TRAINING, VALIDATION = BLUE, ORANGE  # the same two curves have the same two colours in every notebook


def show(alt, figure=None):
    """Show the figure that is being drawn (or the given one), described by the text `alt`, and close it.

    Like `plt.show()`, with words for those who do not see the picture.
    """
    figure = figure or plt.gcf()
    display(figure, metadata={"image/png": {"alt": alt}})
    plt.close(figure)


def show_digits(images, titles=None, *, columns=10, alt=None, size=0.9):
    """Show grey images side by side, ink dark on white paper.

    images: (N, 28, 28), rows (N, 784), or one image (28, 28), of any number type; titles: N short texts
    above them. Raises ValueError for other shapes.
    """
    images = _as_squares(np.asarray(images))
    count = len(images)
    titles = [""] * count if titles is None else [str(title) for title in titles]
    if len(titles) != count:
        raise ValueError(f"{len(titles)} titles for {count} images: give one title to each")
    columns = min(columns, count)
    rows = -(-count // columns)  # rounded up
    height = size * (1.3 if any(titles) else 1.05)
    figure, axes = plt.subplots(rows, columns, figsize=(columns * size, rows * height), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, image, title in zip(axes.flat, images, titles, strict=False):
        axis.imshow(image, cmap="gray_r")
        axis.set_title(title, fontsize=9)
    figure.tight_layout(pad=0.3)
    if alt is None:
        alt = f"{count} images of handwritten digits"
        if any(titles):
            alt += ", titled " + ", ".join(titles)
    show(alt, figure)


def _as_squares(images):
    """Images of any accepted shape as (N, side, side)."""
    side = round(images.shape[-1] ** 0.5) if images.ndim else 0
    if images.size == 0:
        raise ValueError(f"no images to show: their shape is {images.shape}")
    if images.ndim in (2, 3) and images.shape[-1] == images.shape[-2] <= 28:
        return images.reshape(-1, *images.shape[-2:])
    if images.ndim in (1, 2) and side**2 == images.shape[-1]:
        return images.reshape(-1, side, side)
    raise ValueError(f"images have shape {images.shape}: expected (N, 28, 28), (28, 28), (N, 784) or (784,)")


def show_curves(curves, *, xlabel, ylabel, alt, start=1, log=False):
    """Show curves over rounds, epochs or steps. curves: {name: numbers}; the first point is at `start`.

    Raises ValueError for more than six curves: nobody could tell them apart.
    """
    if len(curves) > 6:
        raise ValueError(f"{len(curves)} curves: six at most can be told apart")
    figure, axis = plt.subplots(figsize=(6.4, 3.2))
    styles = zip((BLUE, ORANGE, GREEN, RED, PURPLE, SKY), ("-", "--", "-.", ":", "-", "--"), strict=True)
    for (name, values), (colour, style) in zip(curves.items(), styles, strict=False):
        axis.plot(np.arange(start, start + len(values)), values, style, color=colour, label=name)
    if log:
        axis.set_yscale("log")
    axis.set_xlabel(xlabel)
    axis.set_ylabel(ylabel)
    axis.grid(alpha=0.3)
    if len(curves) > 1:
        axis.legend()
    figure.tight_layout()
    show(alt, figure)


def show_history(history, *, alt):
    """Show the losses and the validation accuracy of a training, epoch by epoch (see training.History)."""
    epochs = np.arange(1, len(history.loss) + 1)
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.2))
    left.plot(epochs, history.loss, color=TRAINING, label="training")
    left.set_ylabel("loss")
    if history.validation_loss:
        left.plot(epochs, history.validation_loss, "--", color=VALIDATION, label="validation")
        right.plot(epochs, 100 * np.array(history.validation_accuracy), "--", color=VALIDATION)
    left.legend()
    right.set_ylabel("validation accuracy (%)")
    for axis in (left, right):
        axis.set_xlabel("epoch")
        axis.grid(alpha=0.3)
    figure.tight_layout()
    show(alt, figure)


def show_network(sizes, *, alt=None, most=12):
    """Draw a fully connected network: a column of units for each layer, a line for each weight.

    Layers with more than `most` units are drawn with a gap and their size in words.
    """
    figure, axis = plt.subplots(figsize=(6.4, 3.4))
    columns = [_unit_heights(size, most) for size in sizes]
    for x, (left, right) in enumerate(itertools.pairwise(columns)):
        for y0 in left:
            for y1 in right:
                axis.plot([x, x + 1], [y0, y1], color="#999999", linewidth=0.3, zorder=1)
    for x, (heights, size) in enumerate(zip(columns, sizes, strict=True)):
        axis.scatter([x] * len(heights), heights, s=70, color=(SKY, ORANGE, GREEN)[_role(x, sizes)],
                     edgecolors="black", linewidths=0.6, zorder=2)  # fmt: skip
        if size > most:
            axis.text(x, 0, "⋮", ha="center", va="center", fontsize=16)
        name = ("inputs", "hidden", "outputs")[_role(x, sizes)]
        axis.text(x, -1.22, f"{size} {name}", ha="center", va="top")
    axis.set_ylim(-1.45, 1.1)
    axis.axis("off")
    figure.tight_layout()
    text = "-".join(map(str, sizes))
    show(
        alt or f"Diagram of a {text} network: each unit of a layer is joined to every unit of the next",
        figure,
    )


def _role(layer, sizes):
    """0 for the input layer, 2 for the output layer, 1 for those between."""
    return 0 if layer == 0 else 2 if layer == len(sizes) - 1 else 1


def _unit_heights(size, most):
    """Where a layer's circles stand, between −1 and 1; a big layer leaves a gap in the middle."""
    if size <= most:
        reach = min(1, size / most)
        return np.linspace(reach, -reach, size) if size > 1 else np.zeros(1)
    upper = np.linspace(1, 0.25, most // 2)
    return np.concatenate([upper, -upper[::-1]])


def show_chain(boxes, slopes, *, alt):
    """Draw a chain of boxes with arrows forward, and below them the slopes that backpropagation multiplies.

    boxes: N short texts; slopes: N − 1 texts, the slope of each box with respect to the box before it.
    """
    figure, axis = plt.subplots(figsize=(9.2, 1.9))
    for x, text in enumerate(boxes):
        axis.text(x, 0, text, ha="center", va="center", fontsize=11,
                  bbox={"boxstyle": "round,pad=0.5", "facecolor": "#EAF4FB", "edgecolor": BLUE})  # fmt: skip
    for x, text in enumerate(slopes):
        forward = {"arrowstyle": "->", "color": BLUE, "linewidth": 1.6}
        backward = {"arrowstyle": "->", "color": RED, "linewidth": 1.6, "connectionstyle": "arc3,rad=-0.45"}
        axis.annotate("", xy=(x + 0.66, 0), xytext=(x + 0.34, 0), arrowprops=forward)
        axis.annotate("", xy=(x + 0.12, -0.32), xytext=(x + 0.88, -0.32), arrowprops=backward)
        axis.text(x + 0.5, -0.86, text, ha="center", va="center", fontsize=11, color=RED)
    axis.set_xlim(-0.5, len(boxes) - 0.5)
    axis.set_ylim(-1.1, 0.5)
    axis.axis("off")
    figure.tight_layout()
    show(alt, figure)
