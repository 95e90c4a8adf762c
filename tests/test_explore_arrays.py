"""mnistlib.explore.arrays: the right numbers in the right places, and nothing that cannot be read."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from mnistlib.explore import arrays

GRID = np.arange(12).reshape(3, 4)


@pytest.fixture
def shown(monkeypatch):
    """The drawings that were shown, as pairs (figure, words)."""
    drawn = []

    def show(alt, figure):
        figure.canvas.draw()
        drawn.append((figure, alt))
        plt.close(figure)

    monkeypatch.setattr(arrays, "show", show)
    return drawn


def numbers_at(figure):
    """{(column, row): number} of all cells, places counted in cells from the upper left corner."""
    return {
        tuple(np.round(text.get_position(), 1).tolist()): float(text.get_text().replace("−", "-"))
        for text in figure.axes[0].texts
        if text.get_text().replace("−", "").replace(".", "").isdigit()
    }


def coloured(figure):
    """The middles of the cells whose colour is not grey."""
    cells = [cell for cell in figure.axes[0].patches if np.ptp(cell.get_facecolor()[:3]) > 0.1]
    return {(round(cell.get_x() + 0.47, 1), round(cell.get_y() + 0.47, 1)) for cell in cells}


def test_sums_stand_below_their_columns_and_beside_their_rows(shown):
    arrays.show_sums(GRID)
    figure, alt = shown[0]
    cells = numbers_at(figure)
    for place, total in enumerate(GRID.sum(axis=0)):
        assert cells[place + 0.5, 4.4] == total
    for place, total in enumerate(GRID.sum(axis=1)):
        assert cells[5.4, place + 0.5] == total
    words = " ".join(text.get_text() for text in figure.axes[0].texts)
    assert "sum(axis=0): (3, 4) → (4,)" in words
    assert "sum(axis=1):\n(3, 4) → (3,)" in words
    assert "(3, 4)" in alt


@pytest.mark.parametrize(
    ("left", "right", "there"),
    [
        ([[0], [10], [20]], [1, 2, 3, 4], 3 + 4),
        (GRID, [1, 2, 3, 4], 12 + 4),
        (GRID, GRID, 12 + 12),
        ([1, 2, 3], 5, 3 + 1),
    ],
)
def test_broadcasting_repeats_what_numpy_repeats(left, right, there, shown):
    arrays.show_broadcast(left, right)
    figure, _ = shown[0]
    cells, (rows, columns) = numbers_at(figure), np.atleast_2d(np.add(left, right)).shape
    for number, table in enumerate((left, right, np.add(left, right))):
        for (i, j), value in np.ndenumerate(np.broadcast_to(table, (rows, columns))):
            assert cells[round(number * (columns + 1.2) + j + 0.5, 1), i + 0.5] == value
    assert len(coloured(figure)) == there + rows * columns  # the repeated cells are pale


@pytest.mark.parametrize(("row", "column"), [(0, 0), (3, 1), (-1, -1)])
def test_row_and_column_of_a_product_meet_in_their_number(row, column, shown):
    a, b = np.arange(12).reshape(4, 3) - 5, np.arange(6).reshape(3, 2) / 2
    arrays.show_product(a, b, row, column, names=("x", "W"))
    figure, alt = shown[0]
    cells, marked = numbers_at(figure), coloured(figure)
    row, column = row % 4, column % 2
    place = (4 + column + 0.5, 4 + row + 0.5)
    assert cells[place] == (a @ b)[row, column]
    assert marked == {
        place,
        *((k + 0.5, 4 + row + 0.5) for k in range(3)),
        *((4 + column + 0.5, k + 0.5) for k in range(3)),
    }
    words = [text.get_text() for text in figure.axes[0].texts]
    assert {"x (4, 3)", "W (3, 2)", "x @ W (4, 2)"} <= set(words)
    (sentence,) = [text for text in words if "=" in text]
    assert sentence in alt
    total = sentence.replace("−", "-").replace("·", "*").split("=")
    assert eval(total[0]) == float(total[1]) == (a @ b)[row, column]


def test_one_row_times_a_table(shown):
    arrays.show_product([1, -2], [[3, 4], [-5, 6]])
    assert shown[0][1].endswith("they meet in 1·3 + −2·(−5) = 13")


def test_bytes_stand_in_base_16_below_their_places_above_their_names_and_numbers(shown):
    arrays.show_bytes(bytes([0, 0, 8, 1, 0, 0, 234, 96, 5, 4]), [("magic", 4), ("labels", 4), ("first", 2)])
    figure, alt = shown[0]
    words = [text.get_text() for text in figure.axes[0].texts]
    assert words[:9] == ["00", "0", "00", "1", "08", "2", "01", "3", "magic\n2,049"]
    assert words[9:18] == ["00", "4", "00", "5", "ea", "6", "60", "7", "labels\n60,000"]
    assert words[18:] == ["05", "8", "04", "9", "first", "…"]
    assert "labels 00 00 ea 60" in alt
    colours = [cell.get_facecolor() for cell in figure.axes[0].patches]
    assert [colours.index(colour) for colour in colours] == [0] * 4 + [4] * 4 + [8] * 2


@pytest.mark.parametrize(
    ("draw", "error", "words"),
    [
        (lambda: arrays.show_sums(np.zeros((9, 2))), ValueError, "each 1 to 8 long"),
        (lambda: arrays.show_sums(np.zeros((2, 2, 2))), ValueError, "two axes, rows and columns"),
        (lambda: arrays.show_sums(np.arange(4)), ValueError, r"not shape \(4,\)"),
        (lambda: arrays.show_sums([[]]), ValueError, "each 1 to 8 long"),
        (lambda: arrays.show_broadcast([1, 2, 3], [1, 2]), ValueError, "broadcast"),
        (lambda: arrays.show_broadcast(np.zeros((2, 2, 2)), 1), ValueError, "one or two axes"),
        (lambda: arrays.show_product(GRID, GRID), ValueError, "mismatch"),
        (lambda: arrays.show_bytes(b"abc", [("four", 4)]), ValueError, "of 3 bytes: too many"),
        (lambda: arrays.show_bytes(bytes(9), [("x", 1)] * 9), ValueError, "9 groups"),
        (lambda: arrays.show_product(GRID, GRID.T, 3), IndexError, "out of range"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, error, words):
    with pytest.raises(error, match=words):
        draw()
    assert plt.get_fignums() == []
