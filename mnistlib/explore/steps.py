"""One image on its way through a small network, and the slopes on their way back, step by step."""

from html import escape
from typing import NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from mnistlib.explore.base import HERE, Exploration, Slider, Words, button, new_figure, row
from mnistlib.network import Network
from mnistlib.plots import BLUE, RED, SIGNED

AMOUNT = colormaps["Greys"]  # an activation, from 0 to 1
BACK = 5  # the first step of the way back
HIDDEN_X, OUTPUT_X = 0.64, 1.02  # where the two columns of units stand; the image ends at 0.38


def shrink(image: np.ndarray, side: int = 7) -> np.ndarray:
    """An image (28, 28) uint8 -> the means of its squares, (side, side) floats from 0 to 1.

    Raises ValueError for another shape, or if `side` does not divide 28.
    """
    image = np.asarray(image)
    if image.shape != (28, 28):
        raise ValueError(f"the image has shape {image.shape}: expected (28, 28)")
    if side < 1 or 28 % side:
        raise ValueError(f"28 pixels cannot be cut into {side} equal parts: take 1, 2, 4, 7, 14 or 28")
    width = 28 // side
    return image.reshape(side, width, side, width).mean(axis=(1, 3)) / 255


class Step(NamedTuple):
    """One stage of the way: what it is called, its formula with shapes, and plain words."""

    name: str
    formula: str
    words: str


def _read_steps(text):
    """The steps in a text such as steps.txt, whose head says what is in it."""
    paragraphs = (paragraph.splitlines() for paragraph in text.split("\n\n")[1:])
    return [Step(name, formula, " ".join(words)) for name, formula, *words in paragraphs]


STEPS = _read_steps((HERE / "steps.txt").read_text(encoding="utf-8"))


class Steps(Exploration):
    """One image stepped forward and back through a network with one hidden layer, as notebook 04 builds it:
    sigmoid everywhere, and half the squared error as cost.

    Parameters
    ----------
    layers : [(W₁, b₁), (W₂, b₂)]
        Shapes (n, h), (h,), (h, 10), (10,); n the square of a whole number, h from 1 to 12. They are copied.
    x : floats from 0 to 1, n of them in any shape
    label : int from 0 to 9

    `step` is the number of the step, from 1 to 8, and can be set. ValueError for what does not fit.
    """

    step = Slider("Step", 1, len(STEPS), readout=False)

    def __init__(self, layers: list, x: np.ndarray, label: int):
        network = _as_network(layers)
        self.layers = network.parameters  # copies: [((n, h), (h,)), ((h, 10), (10,))]
        self.x = _checked_image(x, network.sizes[0])  # (n,)
        if label not in range(10):
            raise ValueError(f"label is {label!r}: expected a whole number from 0 to 9")
        self.label = int(label)
        self.hidden, self.outputs = (a[0] for a in network.activations(self.x)[1:])  # (h,), (10,)
        self.target = np.eye(10)[self.label]  # (10,)
        self.cost, self.gradients = network.gradients(self.x[None], [self.label])
        # for a single image, the slopes of the biases are the deltas
        self.hidden_delta, self.output_delta = (db for _, db in self.gradients)  # (h,), (10,)

        super().__init__()
        self._back = button("Back", lambda: self.move(-1), icon="arrow-left")
        self._next = button("Next", lambda: self.move(1), icon="arrow-right", button_style="primary")
        self._table = Words(live=False)
        self._words.layout.min_height = "110px"  # so that the picture stays where it is
        buttons = row(self._back, self._next, self.knobs["step"])
        self.children = buttons, self._words, row(self._picture, self._table)
        self.draw()

    def __repr__(self) -> str:
        return f"Steps({len(self.x)}-{len(self.hidden)}-10, a {self.label}, step {self.step})"

    def move(self, steps: int) -> None:
        """Go forward, or back if `steps` is negative; not beyond the ends."""
        self.step = min(max(self.step + steps, 1), len(STEPS))

    @property
    def table(self) -> dict:
        """The step's numbers: {name of the column: its numbers}."""
        return _tables(self)[self.step - 1][1]

    def draw(self) -> None:
        step = STEPS[self.step - 1]
        self._back.disabled, self._next.disabled = self.step == 1, self.step == len(STEPS)
        facts = {"n": len(self.x), "h": len(self.hidden), "answer": self.outputs.argmax()}
        name, formula, words = (text.format(**facts, label=self.label, cost=self.cost) for text in step)
        head = f"<b>{self.step} of {len(STEPS)} · {name}</b>"
        self._words.html = f"{head}<br><code>{escape(formula)}</code><br>{words}"
        figure = new_figure((4.4, 3.7))
        draw_step(figure.subplots(), self, self.step)
        self.show(figure, f"Diagram of a small network. {name}: {words}")
        title, columns = _tables(self)[self.step - 1]
        marked = self.label if "digit" in columns and self.step > 3 else None
        self._table.html = _as_html(title, columns, marked)


# ---- the picture ------------------------------------------------------------------------------------------


def draw_step(axes: Axes, steps: Steps, number: int) -> None:
    """Draw step `number` of a `Steps` on axes: image, hidden neurons, outputs, and what runs between them."""
    (W1, _), (W2, _) = steps.layers
    (dW1, _), (dW2, _) = steps.gradients
    hidden_spots, output_spots = _column(HIDDEN_X, len(steps.hidden)), _column(OUTPUT_X, 10)
    pixel_spots = _draw_image(axes, steps.x)
    if number in (2, 8):
        _draw_lines(axes, pixel_spots, hidden_spots, steps.x[:, None] * W1 if number == 2 else dW1)
    strengths = {3: steps.hidden[:, None] * W2, 6: dW2, 7: W2 * steps.output_delta}
    _draw_lines(axes, hidden_spots, output_spots, strengths.get(number, np.zeros(W2.shape)))

    _draw_units(axes, hidden_spots, _colours(number, (2, steps.hidden), (7, steps.hidden_delta)))
    _draw_units(axes, output_spots, _colours(number, (3, steps.outputs), (BACK, steps.output_delta)))
    for digit, (x, y) in enumerate(output_spots):
        right = digit == steps.label and number >= 4
        axes.text(x + 0.06, y, digit, va="center", fontsize=11, fontweight="bold" if right else "normal")
        if number == 4:
            _draw_units(axes, [(x + 0.17, y)], [AMOUNT(steps.target[digit])])
        if number == 5:
            axes.text(x + 0.13, y, "▲" if steps.output_delta[digit] < 0 else "▼", va="center", fontsize=9)
    if number == 4:
        axes.text(OUTPUT_X + 0.17, 0.965, "y", ha="center", fontsize=11)
    if number == 8:  # beside each hidden neuron the slopes of its weights
        limit = np.abs(dW1).max() or 1
        for (x, y), slopes in zip(hidden_spots, dW1.T, strict=True):
            extent = (x + 0.05, x + 0.13, y - 0.05, y + 0.05)
            _draw_square(axes, slopes, extent, 0.8, 4, cmap=SIGNED, vmin=-limit, vmax=limit)
    _draw_captions(axes, steps, backward=number >= BACK)
    axes.set(xlim=(-0.02, 1.27), ylim=(-0.13, 1.02))
    axes.axis("off")


def _column(x, count):
    """Where the units of a layer stand: (count, 2), from top to bottom, evenly around the middle."""
    gap = min(0.1, 0.9 / count) if count > 6 else 0.13
    heights = 0.49 + gap * (np.arange(count)[::-1] - (count - 1) / 2)
    return np.column_stack([np.full(count, x), heights])


def _draw_image(axes, x):
    """Draw the inputs as an image, ink dark on white; return the pixels' centres, (n, 2)."""
    left, right, low = 0.0, 0.38, 0.25
    high = low + (right - left) * 1.25  # the axes are a little wider than high
    _draw_square(axes, x, (left, right, low, high), cmap="gray_r", vmin=0, vmax=1)
    side = round(len(x) ** 0.5)
    middles = (np.arange(side) + 0.5) / side
    columns, rows = np.meshgrid(left + middles * (right - left), high - middles * (high - low))
    return np.column_stack([columns.ravel(), rows.ravel()])


def _draw_square(axes, numbers, extent, linewidth=1, zorder=1, **colours):
    """Draw numbers (n,), as many as a square has, as an image with a thin frame."""
    side = round(len(numbers) ** 0.5)
    axes.imshow(numbers.reshape(side, side), extent=extent, aspect="auto", zorder=zorder, **colours)
    left, right, low, high = extent
    frame = [left, right, right, left, left], [low, low, high, high, low]
    axes.plot(*frame, color="#777777", linewidth=linewidth, zorder=zorder + 1)


def _draw_lines(axes, starts, ends, strengths):
    """A line for each weight; the stronger its number, the thicker and the more colourful. 0: a grey hair."""
    shares = _shares(strengths).ravel()
    lines = np.array([(start, end) for start in starts for end in ends])
    order = np.argsort(np.abs(shares))  # the strong ones on top
    colours = SIGNED(0.5 + shares / 2)
    colours[:, 3] = 0.25 + 0.75 * np.abs(shares)
    if not strengths.any():
        colours[:] = (0.6, 0.6, 0.6, 0.4)
    elif len(starts) > 12:  # pixels: those that say nothing are left out
        order = order[np.abs(shares[order]) > 0.02]
    widths = 0.4 + 2.4 * np.abs(shares[order])
    axes.add_collection(LineCollection(lines[order], colors=colours[order], linewidths=widths, zorder=2))


def _draw_units(axes, spots, colours):
    axes.scatter(*np.transpose(spots), s=190, c=colours, edgecolors="#333333", linewidths=1, zorder=3)


def _colours(number, amounts, deltas):
    """The colours of a layer's units in a step: white at first, then its amounts, on the way back its deltas.

    amounts, deltas: pairs of the step from which they are known, and the numbers.
    """
    if number >= deltas[0]:
        return SIGNED(0.5 + _shares(deltas[1]) / 2)
    return AMOUNT(0.9 * amounts[1]) if number >= amounts[0] else ["white"] * len(amounts[1])


def _shares(numbers):
    """Numbers as shares of the largest of them, from −1 to 1."""
    return numbers / (np.abs(numbers).max() or 1)


def _draw_captions(axes, steps, backward):
    for x, text in (
        (0.19, f"{len(steps.x)} inputs"),
        (HIDDEN_X, f"{len(steps.hidden)} hidden"),
        (OUTPUT_X, "10 outputs"),
    ):
        axes.text(x, -0.02, text, ha="center", va="top", fontsize=10, color="#333333")
    start, end = ((0.86, -0.1), (0.3, -0.1)) if backward else ((0.3, -0.1), (0.86, -0.1))
    arrow = {"arrowstyle": "-|>", "color": RED if backward else BLUE, "linewidth": 2}
    axes.annotate("", xy=end, xytext=start, arrowprops=arrow)


# ---- the numbers ------------------------------------------------------------------------------------------


def _tables(steps):
    """The numbers of all steps: for each a title, and columns {name: numbers}; the first column counts."""
    (W1, b1), (W2, b2) = steps.layers
    a1, a2, y = steps.hidden, steps.outputs, steps.target
    delta1, delta2 = steps.hidden_delta, steps.output_delta
    label, side = steps.label, round(len(steps.x) ** 0.5)
    ink = steps.x.max()
    to_label = f"Weights to output {label}, whose δ₂ = {_text(delta2[label])}"
    from_ink = f"Weights from the darkest pixel, x = {_text(ink)}"
    neuron, digit = {"neuron": range(1, len(a1) + 1)}, {"digit": range(10)}
    pixels = dict(zip(map(str, range(1, side + 1)), steps.x.reshape(side, side).T, strict=True))
    return [
        ("x, as rows and columns", {"row": range(1, side + 1)} | pixels),
        ("The hidden neurons", neuron | {"sum z₁": steps.x @ W1 + b1, "a₁ = σ(z₁)": a1}),
        ("The outputs", digit | {"sum z₂": a1 @ W2 + b2, "a₂ = σ(z₂)": a2}),
        ("The cost", digit | {"a₂": a2, "y": y.astype(int).tolist(), "½ (a₂ − y)²": (a2 - y) ** 2 / 2}),
        ("δ₂ is the product", digit | {"a₂ − y": a2 - y, "a₂ (1 − a₂)": a2 * (1 - a2), "δ₂": delta2}),
        (to_label, neuron | {"a₁": a1, "slope a₁ δ₂": a1 * delta2[label]}),
        ("δ₁ is the product", neuron | {"W₂ δ₂": W2 @ delta2, "a₁ (1 − a₁)": a1 * (1 - a1), "δ₁": delta1}),
        (from_ink, neuron | {"δ₁": delta1, "slope x δ₁": ink * delta1}),
    ]


def _as_html(title, columns, marked=None):
    """A table for `Words`; the row of number `marked` stands out."""
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    rows = ""
    for n, numbers in enumerate(zip(*columns.values(), strict=True)):
        cells = "".join(f"<td>{_text(number)}</td>" for number in numbers)
        rows += f"<tr class='marked'>{cells}</tr>" if n == marked else f"<tr>{cells}</tr>"
    caption = f"<caption>{escape(title)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _text(number):
    """Whole numbers as they are; others with three decimals and a true minus sign."""
    if isinstance(number, int):
        return str(number)
    return f"{number:.3f}".replace("-", "−")


# ---- what goes in -----------------------------------------------------------------------------------------


def _as_network(layers):
    """The learner's layers as a Network of the package, in float64."""
    try:
        (W1, b1), (W2, b2) = ((np.asarray(W, float), np.asarray(b, float)) for W, b in layers)
    except (TypeError, ValueError):
        raise ValueError("layers: expected two pairs, [(W₁, b₁), (W₂, b₂)], of arrays of numbers") from None
    found = (W1.shape, b1.shape, W2.shape, b2.shape)
    n, h = W1.shape if W1.ndim == 2 else (0, 0)
    if found != ((n, h), (h,), (h, 10), (10,)):
        raise ValueError(f"layers of shapes {found}: expected ((n, h), (h,), (h, 10), (10,))")
    if not 1 <= h <= 12 or round(n**0.5) ** 2 != n:
        raise ValueError(
            f"{n} inputs and {h} hidden neurons: this picture has room for 1 to 12 hidden neurons, and the "
            f"inputs must form a square image, as 49 = 7 · 7 do"
        )
    network = Network((n, h, 10), activation="sigmoid", output="sigmoid", dtype=np.float64)
    network.flat[...] = np.concatenate([array.ravel() for array in (W1, b1, W2, b2)])
    return network


def _checked_image(x, n):
    x = np.array(x, float).ravel()
    if x.size != n:
        raise ValueError(f"x has {x.size} numbers, but the first layer has {n} inputs; see shrink(image)")
    if not (x.min() >= 0 and x.max() <= 1):  # NaN fails, too
        raise ValueError(f"x goes from {x.min():g} to {x.max():g}: expected 0 to 1; divide pixels by 255")
    return x
