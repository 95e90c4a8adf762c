"""The results of a sweep as a table to click in."""

import numpy as np
import pytest

from mnistlib.explore import SweepMap
from mnistlib.sweep import Result

SIZES, RATES = [(784, 16, 10), (784, 64, 10)], [0.1, 1.0, 10.0]
SCORES = [[0.8, 0.9, 0.1], [0.85, 0.95, None]]


@pytest.fixture
def results():
    found = []
    for sizes, line in zip(SIZES, SCORES, strict=True):
        for rate, score in zip(RATES, line, strict=True):
            parameters = {"sizes": sizes, "learning_rate": rate, "epochs": 3}
            if score is None:
                found.append(Result(parameters, error="TrainingDiverged: too large a step"))
            else:
                found.append(Result(parameters, score, validation_loss=0.5, train_loss=0.25, seconds=1.0))
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
    figure = chart.table.figure
    x, y = figure.axes[0].transData.transform((1, 0)) / figure.bbox.size
    chart.table._handle_custom_msg({"x": x, "y": 1 - y}, [])
    assert chart.chosen is results[1]
    assert rows.value == 0
    assert chart._picture.alt.endswith(chart.says)


def test_a_failed_run_says_why(chart):
    chart.choose((784, 64, 10), 10.0)
    assert chart.says.endswith("learning rate 10.0: failed. TrainingDiverged: too large a step")
    assert chart.table.alt.endswith("failed")


def test_results_in_another_order_make_the_same_table(results, chart):
    shuffled = SweepMap([results[n] for n in (0, 4, 2, 1, 5, 3)])
    assert np.nanmax(shuffled.scores) == 0.95
    assert shuffled.chosen is chart.chosen


def test_other_parameters_may_be_compared(results):
    by_epochs = SweepMap(results[:3], rows="epochs", columns="learning_rate")
    assert by_epochs.says.startswith("epochs 3, learning rate 1.0: 90.0%")


def test_runs_that_make_no_table_or_are_not_there(chart, results):
    with pytest.raises(ValueError, match=r"no run with learning_rate = 0.5: there are 0.1, 1.0, 10.0"):
        chart.choose((784, 16, 10), 0.5)
    with pytest.raises(ValueError, match="5 results: expected 2 × 3"):
        SweepMap(results[:-1])
    with pytest.raises(ValueError, match="two runs with the same sizes and learning_rate"):
        SweepMap([*results, results[0]])
    with pytest.raises(ValueError, match="no parameter 'momentum', but sizes, learning_rate, epochs"):
        SweepMap(results, columns="momentum")
    with pytest.raises(ValueError, match="no run has a score"):
        SweepMap(results[-1:])
