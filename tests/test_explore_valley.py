"""The valley: gradient descent that can be drawn."""

import itertools
import math

import matplotlib.pyplot as plt
import numpy as np
import pytest

from mnistlib.explore import Valley
from mnistlib.explore.valley import cost, descent, draw_valley, judge


def test_path_goes_against_the_slope():
    path, nudges = Valley((1, 10), rate=0.08, steps=3).path, 1e-5 * np.eye(2)
    assert path.shape == (4, 2)
    for here, there in itertools.pairwise(path):
        slopes = (cost((1, 10), here + nudges) - cost((1, 10), here - nudges)) / 2e-5
        np.testing.assert_allclose(there, here - 0.08 * slopes, rtol=1e-6)


@pytest.mark.parametrize(
    ("steepness", "rates"), [((1,), (0.05, 0.5, 2.0, 2.1)), ((1, 10), (0.01, 0.08, 0.18, 0.21))]
)
def test_the_four_fates(steepness, rates):
    verdicts = [Valley(steepness, rate=rate).verdict for rate in rates]
    assert verdicts == ["too small", "steady", "leaping", "lost"]


@pytest.mark.parametrize("steepness", [(1,), (1, 10)])
def test_steady_means_that_less_than_a_hundredth_is_left(steepness):
    verdicts = set()
    for rate in np.arange(0.005, 0.1, 0.005):
        first, last = cost(steepness, descent(steepness, rate, 30)[[0, -1]])
        verdict = judge(steepness, rate, 30)
        verdicts.add(verdict)
        assert verdict == "too small" or last < first / 100
    assert verdicts == {"too small", "steady"}
    assert judge((1,), 0.06, 30) == "too small"  # of 8.0 are left 0.2


def test_words_give_the_cost_at_both_ends():
    valley = Valley((1,), rate=1.0, steps=1)
    assert valley.says.endswith("After 1 steps the cost has gone from 8.0 to 0.0000.")
    valley.rate = 2.4
    assert "never comes back" in valley.says
    valley = Valley((1,), rate=2.1)
    assert valley.says.endswith("from 8.0 to 2,436.")
    assert valley._picture.alt == f"The curve of a valley with the path downhill. {valley.says}"


def drawn_path(*arguments):
    figure, axes = plt.subplots()
    draw_valley(axes, *arguments)
    plt.close(figure)
    (path,) = [line for line in axes.lines if line.get_linestyle() == "-" and line.get_marker() == "o"]
    return axes.get_title(loc="left"), np.column_stack(path.get_data())


def test_path_lies_on_the_curve_until_it_leaves_the_picture():
    title, spots = drawn_path((1,), 2.1)
    assert title == "Rate 2.1: lost"
    np.testing.assert_allclose(spots[:, 1], 0.5 * spots[:, 0] ** 2)
    assert 2 < len(spots) < 10
    assert 2 < len(drawn_path((1, 10), 0.21)[1]) < 10
    assert len(drawn_path((1, 10), 0.08)[1]) == 31


@pytest.mark.parametrize("steepness", [(), (1, 2, 3), (0,), (1, -1), (1, math.nan), (1, math.inf), 3])
def test_valleys_that_cannot_be_drawn_are_refused(steepness):
    with pytest.raises(ValueError, match="steepness"):
        Valley(steepness)
