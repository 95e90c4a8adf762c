"""Explorations of a table to click in: the results of a sweep, and a network's mistakes."""

from types import SimpleNamespace

import numpy as np
import pytest

from mnistlib import synthetic_digits
from mnistlib.explore import Mistakes, SweepMap
from mnistlib.sweep import Result, combinations


def click(exploration, row, column):
    """What the page sends for a click on a cell."""
    figure = exploration.table.figure
    x, y = figure.axes[0].transData.transform((column, row)) / figure.bbox.size
    exploration.table._handle_custom_msg({"x": x, "y": 1 - y}, [])


# ---- the results of a sweep -------------------------------------------------------------------------------

SIZES, RATES = [(784, 16, 10), (784, 64, 10)], [0.1, 1.0, 10.0]
SCORES = [0.8, 0.9, 0.1, 0.85, 0.95]  # the last of the six runs failed


@pytest.fixture
def results():
    *others, last = combinations(sizes=SIZES, learning_rate=RATES, epochs=[3])
    found = [Result(run, score, 0.5, 0.25) for run, score in zip(others, SCORES, strict=True)]
    return [*found, Result(last, error="TrainingDiverged: too large a step")]


@pytest.fixture
def chart(results):
    return SweepMap(results)


def test_the_best_run_comes_first(chart, results):
    np.testing.assert_array_equal(chart.scores.ravel(), [*SCORES, np.nan])
    assert chart.chosen is results[4]
    assert chart.says == (
        "sizes 784-64-10, learning rate 1.0: 95.0% of the validation images right, the best of all. "
        "Training loss 0.250, validation loss 0.500."
    )


def test_another_run_by_python_by_the_lists_and_by_a_click(chart, results):
    chart.choose((784, 16, 10), 0.1)
    assert chart.chosen is results[0]
    assert "80.0% of the validation images right, 15.0 points behind the best." in chart.says
    rows, columns = chart.lists
    columns.value = 2  # what the page does
    assert chart.chosen is results[2]
    click(chart, 1, 2)
    assert (chart.chosen, rows.value) == (results[5], 1)
    assert chart.says.endswith("learning rate 10.0: failed. TrainingDiverged: too large a step")
    assert chart.table.alt.endswith("failed")
    assert chart._picture.alt.endswith(chart.says)


def test_results_in_another_order_or_of_other_parameters(results, chart):
    shuffled = SweepMap([results[n] for n in (0, 4, 2, 1, 5, 3)])
    assert np.nanmax(shuffled.scores) == 0.95
    assert shuffled.chosen is chart.chosen
    by_epochs = SweepMap(results[:3], rows="epochs", columns="learning_rate")
    assert by_epochs.says.startswith("epochs 3, learning rate 1.0: 90.0%")


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (lambda results: SweepMap(results[:-1]), "5 results: expected 2 × 3"),
        (lambda results: SweepMap([*results, results[0]]), "two runs with the same sizes and learning_rate"),
        (lambda results: SweepMap(results, columns="seed"), "no parameter 'seed', but sizes, learning_rate"),
        (lambda results: SweepMap(results[-1:]), "no run has a score"),
        (lambda results: SweepMap(results).choose(SIZES[0], 0.5), "= 0.5: there are 0.1, 1.0, 10.0"),
    ],
)
def test_runs_that_make_no_table_or_are_not_there(results, use, words):
    with pytest.raises(ValueError, match=words):
        use(results)


# ---- a network's mistakes ---------------------------------------------------------------------------------


@pytest.fixture
def digits():
    """Thirty images: ten 1s, and twenty 4s of which the last twelve are read as 9, with rising certainty."""
    images, _ = synthetic_digits(30, seed=1)
    answers, sure = np.repeat([1, 4, 9], [10, 8, 12]), np.linspace(0.6, 0.95, 30)[:, None]
    p = sure * np.eye(10)[answers] + (1 - sure) * np.eye(10)[(answers + 1) % 10]
    return SimpleNamespace(probabilities=lambda images: p), images, np.repeat([1, 4], [10, 20])


@pytest.fixture
def mistakes(digits):
    return Mistakes(*digits)


def test_the_most_frequent_mistake_comes_first_and_its_surest_image(mistakes):
    expected = np.zeros((10, 10), int)
    expected[1, 1], expected[4, 4], expected[4, 9] = 10, 8, 12
    np.testing.assert_array_equal(mistakes.counts, expected)
    np.testing.assert_array_equal(mistakes.chosen, np.arange(29, 17, -1))
    assert mistakes.says == "4 read as 9: 12 times. Shown: 1 to 10."
    images = "10 images of a 4, with the network's probabilities: 9: 95%, 4: 0%;"
    assert mistakes._picture.alt.startswith(images)


def test_pages(mistakes):
    back, on = mistakes.children[2].children
    for press, shown in ((on, "11 to 12"), (on, "11 to 12"), (back, "1 to 10"), (back, "1 to 10")):
        press.click()  # the second click may have been on its way
        assert mistakes.says == f"4 read as 9: 12 times. Shown: {shown}."
        assert press.disabled
        assert on.disabled != back.disabled


def test_another_cell_shows_its_first_page(mistakes):
    mistakes.children[2].children[1].click()
    mistakes.choose(true=4, answered=4)
    assert mistakes.says == "4 read correctly: 8 times. Shown: 1 to 8."
    click(mistakes, 1, 4)
    assert mistakes.says == "1 read as 4: never."
    assert mistakes._picture.layout.display == "none"
    click(mistakes, 4, 9)
    assert mistakes.says == "4 read as 9: 12 times. Shown: 1 to 10."
    assert mistakes._picture.layout.display is None
    assert mistakes.table.alt.endswith("Chosen: it was 4, the network said 9: 12")


def test_a_network_without_mistakes(digits):
    reader, images, _ = digits
    mistakes = Mistakes(reader, images, reader.probabilities(images).argmax(axis=1))
    assert np.trace(mistakes.counts) == mistakes.counts.sum() == 30
    assert mistakes.says == "0 read correctly: never."


@pytest.mark.parametrize(
    ("cell", "first", "words"),
    [
        ((10, 0), [4], "there are those from 0 to 9"),
        ((0, -1), [4], "there are those from 0 to 9"),
        (("4", 0), [4], "there are those from 0 to 9"),
        ((0, 0), [], "30 images and labels of shape"),
        ((0, 0), [10], "whole numbers from 0 to 9, but there is 10"),
        ((0, 0), [-1], "whole numbers from 0 to 9, but there is -1"),
        ((0, 0), [4.0], "whole numbers from 0 to 9, but there is .*float64"),
        ((0, 0), [2.5], "whole numbers from 0 to 9, but there is 2.5"),
    ],
)
def test_cells_that_are_not_there_and_labels_that_do_not_fit(digits, cell, first, words):
    reader, images, labels = digits
    with pytest.raises(ValueError, match=words):
        Mistakes(reader, images, [*first, *labels[1:].tolist()]).choose(*cell)
