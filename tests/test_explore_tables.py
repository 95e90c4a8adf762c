"""Explorations of a table to click in: the results of a sweep, and a network's mistakes."""

import numpy as np
import pytest

from mnistlib import synthetic_digits
from mnistlib.explore import Mistakes, SweepMap
from mnistlib.sweep import Result


def click(exploration, row, column):
    """What the page sends for a click on a cell."""
    figure = exploration.table.figure
    x, y = figure.axes[0].transData.transform((column, row)) / figure.bbox.size
    exploration.table._handle_custom_msg({"x": x, "y": 1 - y}, [])


# ---- the results of a sweep -------------------------------------------------------------------------------

SIZES, RATES = [(784, 16, 10), (784, 64, 10)], [0.1, 1.0, 10.0]
SCORES = [[0.8, 0.9, 0.1], [0.85, 0.95, None]]


@pytest.fixture
def results():
    found = []
    for sizes, line in zip(SIZES, SCORES, strict=True):
        for rate, score in zip(RATES, line, strict=True):
            parameters = {"sizes": sizes, "learning_rate": rate, "epochs": 3}
            scores = {"validation_loss": 0.5, "train_loss": 0.25, "validation_accuracy": score}
            failed = {"error": "TrainingDiverged: too large a step"}
            found.append(Result(parameters, **(failed if score is None else scores)))
    return found


@pytest.fixture
def chart(results):
    return SweepMap(results)


def test_the_best_run_comes_first(chart, results):
    np.testing.assert_array_equal(chart.scores, np.array(SCORES, float))
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
    click(chart, 0, 1)
    assert chart.chosen is results[1]
    assert rows.value == 0
    assert chart._picture.alt.endswith(chart.says)


def test_a_failed_run_says_why(chart):
    chart.choose((784, 64, 10), 10.0)
    assert chart.says.endswith("learning rate 10.0: failed. TrainingDiverged: too large a step")
    assert chart.table.alt.endswith("failed")


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
        (
            lambda results: SweepMap(results, columns="momentum"),
            "no parameter 'momentum', but sizes, learning_rate, epochs",
        ),
        (lambda results: SweepMap(results[-1:]), "no run has a score"),
        (
            lambda results: SweepMap(results).choose(SIZES[0], 0.5),
            r"no run with learning_rate = 0.5: there are 0.1, 1.0, 10.0",
        ),
    ],
)
def test_runs_that_make_no_table_or_are_not_there(results, use, words):
    with pytest.raises(ValueError, match=words):
        use(results)


# ---- a network's mistakes ---------------------------------------------------------------------------------


class Reader:
    """Reads every image by a list of probabilities that it was given."""

    def __init__(self, probabilities):
        self.probabilities = lambda images: probabilities


@pytest.fixture
def digits():
    """Thirty images: ten 1s, and twenty 4s of which the last twelve are read as 9, with rising certainty."""
    images, _ = synthetic_digits(30, seed=1)
    labels = np.repeat([1, 4], [10, 20])
    answers = np.repeat([1, 4, 9], [10, 8, 12])
    p = np.zeros((30, 10))
    p[np.arange(30), answers] = np.linspace(0.6, 0.95, 30)
    p[np.arange(30), (answers + 1) % 10] = 1 - np.linspace(0.6, 0.95, 30)
    return Reader(p), images, labels


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


def test_another_cell_by_python_by_the_lists_and_by_a_click_shows_its_first_page(mistakes):
    mistakes.choose(true=4, answered=4)
    assert mistakes.says == "4 read correctly: 8 times. Shown: 1 to 8."
    true, answered = mistakes.lists
    assert (true.value, answered.value) == (4, 4)
    true.value = 1  # what the page does
    assert mistakes.says == "1 read as 4: never."
    assert mistakes._picture.layout.display == "none"
    click(mistakes, 4, 9)
    assert mistakes.says.startswith("4 read as 9: 12 times.")
    assert mistakes._picture.layout.display is None
    assert mistakes.table.alt.endswith("Chosen: it was 4, the network said 9: 12")
    mistakes.children[2].children[1].click()
    mistakes.choose(1, 1)
    assert mistakes.says == "1 read correctly: 10 times. Shown: 1 to 10."


def test_a_network_without_mistakes(digits):
    _, images, labels = digits
    mistakes = Mistakes(Reader(np.eye(10)[labels]), images, labels)
    assert np.trace(mistakes.counts) == mistakes.counts.sum() == 30
    mistakes.choose(4, 4)
    assert mistakes.says.startswith("4 read correctly: 20 times.")


@pytest.mark.parametrize("cell", [(10, 0), (0, -1), ("4", 0)])
def test_a_cell_that_is_not_there(mistakes, cell):
    with pytest.raises(ValueError, match="there are those from 0 to 9"):
        mistakes.choose(*cell)


@pytest.mark.parametrize(
    ("first", "words"),
    [
        ([], "30 images and labels of shape"),
        ([10], "whole numbers from 0 to 9, but there is 10"),
        ([-1], "whole numbers from 0 to 9, but there is -1"),
        ([4.0], "whole numbers from 0 to 9, but there is .*float64"),
        ([2.5], "whole numbers from 0 to 9, but there is 2.5"),
    ],
)
def test_labels_that_do_not_fit(digits, first, words):
    reader, images, labels = digits
    with pytest.raises(ValueError, match=words):
        Mistakes(reader, images, [*first, *labels[1:].tolist()])
