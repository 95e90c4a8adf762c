"""A network's mistakes, browsed by the cell of the confusion matrix."""

import numpy as np
import pytest

from mnistlib import synthetic_digits
from mnistlib.explore import Mistakes


class Reader:
    """Reads every image by a list of probabilities that it was given."""

    def __init__(self, probabilities):
        self._probabilities = np.array(probabilities, float)

    def probabilities(self, images):
        return self._probabilities


@pytest.fixture
def digits():
    """Thirty images: ten 4s of which the last twelve of all are read as 9, with rising certainty."""
    images, _ = synthetic_digits(30, seed=1)
    labels = np.repeat([1, 4], [10, 20])
    answers = np.repeat([1, 4, 9], [10, 8, 12])
    p = np.zeros((30, 10))
    sure = np.linspace(0.6, 0.95, 30)
    p[np.arange(30), answers] = sure
    p[np.arange(30), (answers + 1) % 10] = 1 - sure
    return images, labels, Reader(p)


@pytest.fixture
def mistakes(digits):
    images, labels, reader = digits
    return Mistakes(reader, images, labels)


def test_counts_are_the_confusion_matrix(mistakes):
    expected = np.zeros((10, 10), int)
    expected[1, 1], expected[4, 4], expected[4, 9] = 10, 8, 12
    np.testing.assert_array_equal(mistakes.counts, expected)


def test_the_most_frequent_mistake_comes_first_and_its_surest_image(mistakes):
    np.testing.assert_array_equal(mistakes.chosen, np.arange(29, 17, -1))
    assert mistakes.says == "4 read as 9: 12 times. Shown: 1 to 10."
    assert mistakes._picture.alt.startswith(
        "10 images of a 4, with the network's probabilities: 9: 95%, 4: 0%;"
    )


def test_pages(mistakes):
    back, on = mistakes.children[2].children
    assert (back.disabled, on.disabled) == (True, False)
    on.click()
    assert mistakes.says == "4 read as 9: 12 times. Shown: 11 to 12."
    assert (back.disabled, on.disabled) == (False, True)
    on.click()  # a click that was on its way
    assert mistakes.says.endswith("Shown: 11 to 12.")
    back.click()
    assert mistakes.says.endswith("Shown: 1 to 10.")


def test_another_cell_by_python_by_the_lists_and_by_a_click(mistakes):
    mistakes.choose(true=4, answered=4)
    assert mistakes.says == "4 read correctly: 8 times. Shown: 1 to 8."
    true, answered = mistakes.lists
    assert (true.value, answered.value) == (4, 4)
    true.value = 1  # what the page does
    assert mistakes.says == "1 read as 4: never."
    assert mistakes._picture.layout.display == "none"
    figure = mistakes.table.figure
    x, y = figure.axes[0].transData.transform((9, 4)) / figure.bbox.size
    mistakes.table._handle_custom_msg({"x": x, "y": 1 - y}, [])
    assert mistakes.says.startswith("4 read as 9: 12 times.")
    assert mistakes._picture.layout.display is None
    assert mistakes.table.alt.endswith("Chosen: it was 4, the network said 9: 12")


def test_a_cell_that_is_not_there(mistakes):
    for place in ((10, 0), (0, -1), ("4", 0)):
        with pytest.raises(ValueError, match="there are those from 0 to 9"):
            mistakes.choose(*place)


def test_images_and_labels_must_fit(digits):
    images, labels, reader = digits
    with pytest.raises(ValueError, match="30 images and labels of shape"):
        Mistakes(reader, images, labels[:29])


@pytest.mark.parametrize(("label", "found"), [(10, "10"), (-1, "-1"), (4.0, "float64"), (2.5, "2.5")])
def test_labels_that_are_no_digits(digits, label, found):
    images, labels, reader = digits
    with pytest.raises(ValueError, match=f"whole numbers from 0 to 9, but there is .*{found}"):
        Mistakes(reader, images, [label, *labels[1:].tolist()])


def test_a_network_without_mistakes(digits):
    images, labels, _ = digits
    mistakes = Mistakes(Reader(np.eye(10)[labels]), images, labels)
    assert np.trace(mistakes.counts) == mistakes.counts.sum() == 30
    mistakes.choose(4, 4)
    assert mistakes.says.startswith("4 read correctly: 20 times.")
