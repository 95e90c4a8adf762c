"""Drawings of small arrays: the axis that a sum makes disappear, what broadcasting repeats, how `@` works,
and of the bytes at the start of a file.

Each takes the arrays themselves, so that other numbers can be tried.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from mnistlib.plots import BLUE, GREEN, INPUT, ORANGE, PURPLE, SKY, YELLOW, show

MOST = 8  # rows or columns that can still be read
GROUPS = "#BBBBBB", PURPLE, ORANGE, SKY, GREEN, YELLOW, BLUE  # neighbours among bytes
PAPER, GHOST = "#F1F1F1", "#FBFBFB"  # cells, and cells that are not there


def show_sums(grid: ArrayLike) -> None:
    """Draw a table with its two sums: axis 0 disappears downwards, axis 1 to the right.

    grid: (rows, columns), at most 8 each; ValueError otherwise.
    """
    if np.ndim(grid) != 2:
        raise ValueError(f"a table of two axes, rows and columns, is needed, not shape {np.shape(grid)}")
    grid = _table(grid)
    rows, columns = grid.shape
    figure, axis = _paper(columns + 4.4, rows + 2.1)
    _draw(axis, grid, 0, 0)
    down, across = grid.sum(axis=0), grid.sum(axis=1)
    _draw(axis, down[None, :], 0, rows + 0.9, ORANGE, 0.45)
    _draw(axis, across[:, None], columns + 0.9, 0, BLUE, 0.3)
    arrows = [((j + 0.5, rows + 0.05), (j + 0.5, rows + 0.85), ORANGE) for j in range(columns)]
    arrows += [((columns + 0.05, i + 0.5), (columns + 0.85, i + 0.5), BLUE) for i in range(rows)]
    for start, end, colour in arrows:
        look = {"arrowstyle": "->", "color": colour, "linewidth": 1.8}
        axis.annotate("", xy=end, xytext=start, arrowprops=look)
    words = {"fontsize": 11, "va": "center"}
    axis.text(columns + 0.2, rows + 1.4, f"sum(axis=0): {grid.shape} → {down.shape}", **words)
    axis.text(columns + 2.1, rows / 2, f"sum(axis=1):\n{grid.shape} → {across.shape}", **words)
    axis.set_title("The axis you name disappears")
    show(
        f"A table of shape {grid.shape}. Arrows run down its columns to {down.shape[0]} sums for axis=0, and "
        f"along its rows to {across.shape[0]} sums for axis=1",
        figure,
    )


def show_broadcast(left: ArrayLike, right: ArrayLike) -> None:
    """Draw left + right: both arrays stretched to the common shape, what was repeated in paler print.

    left, right: of one or two axes, at most 8 long. ValueError for others, and from numpy for two shapes
    that do not fit.
    """
    left, right = np.asarray(left), np.asarray(right)
    total = _table(left + right)
    rows, columns = total.shape
    gap = 1.2
    figure, axis = _paper(3 * columns + 2 * gap, rows + 1.0)
    for number, (array, sign) in enumerate(((left, "+"), (right, "="), (left + right, ""))):
        x = number * (columns + gap)
        table = np.broadcast_to(array, total.shape)
        there = np.zeros(total.shape, bool)  # what is no repetition; the axis that is missing comes first
        there[tuple(map(slice, np.atleast_2d(array).shape))] = True
        _draw(axis, table, x, 0, (ORANGE, BLUE, GREEN)[number], 0.35, where=there, others=(GHOST, "#8A8A8A"))
        axis.text(x + columns / 2, rows + 0.55, str(array.shape), ha="center", va="center")
        axis.text(x + columns + gap / 2, rows / 2, sign, ha="center", va="center", fontsize=16)
    axis.set_title("A length of 1, or none, is repeated until the shapes are equal")
    show(
        f"Shape {left.shape} plus shape {right.shape}: both are repeated, in paler print, until they fill "
        f"{total.shape}, then added cell by cell",
        figure,
    )


def show_product(
    a: ArrayLike, b: ArrayLike, row: int = 0, column: int = 0, *, names: tuple[str, str] = ("a", "b")
) -> None:
    """Draw a @ b with b above the result: row `row` of a and column `column` of b meet in their number.

    a: (n, k) or (k,); b: (k, m), at most 8 long; names: what they are called in the picture. ValueError for
    others, IndexError for no such row or column.
    """
    a, b = _table(a), _table(b)
    product = a @ b
    (n, k), m = a.shape, b.shape[1]
    row, column = range(n)[row], range(m)[column]
    figure, axis = _paper(k + 1 + m + 0.8, k + 1 + n + 1.2)
    in_row, in_column = np.arange(n)[:, None] == row, np.arange(m) == column
    _draw(axis, a, 0, k + 1, INPUT, 0.45, where=in_row)
    _draw(axis, b, k + 1, 0, ORANGE, 0.45, where=in_column)
    _draw(axis, product, k + 1, k + 1, GREEN, 0.45, where=in_row & in_column)
    words = {"fontsize": 12, "ha": "center", "va": "center"}
    axis.text(k / 2, k + 0.55, f"{names[0]} {a.shape}", **words)
    axis.text(k + 0.5, k / 2, f"{names[1]} {b.shape}", rotation=90, **words)
    axis.text(k + 1.5 + m, k + 1 + n / 2, f"{names[0]} @ {names[1]} {product.shape}", rotation=90, **words)
    factors = [f"({_number(y)})" if y < 0 else _number(y) for y in b[:, column]]
    terms = " + ".join(f"{_number(x)}·{factor}" for x, factor in zip(a[row], factors, strict=True))
    text = f"{terms} = {_number(product[row, column])}"
    axis.text((k + 1 + m) / 2, k + 1 + n + 0.8, text, **words)
    axis.set_title("A row meets a column", pad=14)
    show(
        f"On the left {names[0]} {a.shape}, above {names[1]} {b.shape}, between them the product "
        f"{product.shape}. Row {row} and column {column} are marked; they meet in {text}",
        figure,
    )


def show_bytes(data: bytes, groups: list[tuple[str, int]]) -> None:
    """Draw the first bytes of a file as a ribbon, in base 16, one colour for each group of them.

    groups: pairs of a name and how many bytes it has; below a group of four stands their number, big end
    first. Above each byte stands its place in the file. ValueError if there are fewer bytes than the groups
    have, or more than seven groups.
    """
    count = sum(length for _, length in groups)
    if len(data) < count or len(groups) > len(GROUPS):
        raise ValueError(f"{len(groups)} groups with {count} bytes, of {len(data)} bytes: too many")
    figure, axis = _paper(count + 0.6, 2.7)
    start, words = 0, []
    for (name, length), colour in zip(groups, GROUPS, strict=False):
        for place in range(start, start + length):
            axis.add_patch(plt.Rectangle((place + 0.03, 0.43), 0.94, 0.94, facecolor=colour, alpha=0.5))
            axis.text(place + 0.5, 0.9, f"{data[place]:02x}", ha="center", va="center")
            axis.text(place + 0.5, 0.15, place, ha="center", va="center", fontsize=8, color="#555555")
        text = f"{name}\n{int.from_bytes(data[start : start + 4]):,}" if length == 4 else name
        axis.text(start + length / 2, 1.6, text, ha="center", va="top")
        words.append(f"{name} {data[start : start + length].hex(' ')}")
        start += length
    axis.text(start + 0.3, 0.9, "…", ha="center", va="center", fontsize=14)
    show(f"The first {count} bytes of the file as a ribbon: {', '.join(words)}", figure)


def _table(array: ArrayLike) -> np.ndarray:
    """The array with two axes; ValueError if it has more, or is too long to be drawn."""
    array = np.asarray(array)
    if array.ndim not in (1, 2) or array.size == 0 or max(array.shape) > MOST:
        raise ValueError(f"shape {array.shape}: drawn are one or two axes, each 1 to {MOST} long")
    return np.atleast_2d(array)


def _paper(width: float, height: float) -> tuple[plt.Figure, Axes]:
    """An empty drawing, y downwards as in a table, half an inch to a cell."""
    figure, axis = plt.subplots(figsize=(width * 0.52 + 0.2, height * 0.5 + 0.2))
    axis.set(xlim=(-0.2, width), ylim=(height, -0.2), aspect="equal")
    axis.axis("off")
    return figure, axis


def _draw(axis, numbers, x, y, colour=PAPER, alpha=1.0, where=True, others=(PAPER, "black")):
    """Draw a table with its upper left corner at (x, y).

    where: a mask of the cells that are coloured; others: the colours of the other cells and their numbers.
    """
    where = np.broadcast_to(where, numbers.shape)
    for (i, j), number in np.ndenumerate(numbers):
        face, opacity, ink = (colour, alpha, "black") if where[i, j] else (others[0], 1.0, others[1])
        corner = x + j + 0.03, y + i + 0.03
        axis.add_patch(plt.Rectangle(corner, 0.94, 0.94, facecolor=face, alpha=opacity))
        words = {"ha": "center", "va": "center", "fontsize": 11, "color": ink}
        axis.text(x + j + 0.5, y + i + 0.5, _number(number), **words)


def _number(value):
    """A number as short as it goes, with a real minus sign."""
    return f"{value:.3g}".replace("-", "−")
