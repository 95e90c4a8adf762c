"""The first layer's weights while a network learns."""

import threading

import numpy as np
import pytest

from mnistlib import Network, accuracy, train
from mnistlib.explore import FirstLayer
from mnistlib.explore.weights import draw_weights, in_words

PATIENCE = 60  # seconds; no test waits as long
pytestmark = pytest.mark.usefixtures("no_thread_left")
OPTIONS = {"epochs": 2, "batch_size": 20, "learning_rate": 0.1}


@pytest.fixture
def first(network, digits):
    images, labels = digits
    return FirstLayer(network, images[:200], labels[:200], validation=(images[200:], labels[200:]), **OPTIONS)


def trained(first):
    first.start()
    first.wait(PATIENCE)
    return first


def test_snapshots_are_those_of_the_same_training_by_train(first, network, digits):
    images, labels = digits
    trained(first)
    assert [snapshot["batches"] for snapshot in first.snapshots] == [0, 1, 2, 4, 8, 16, 20]
    own = network.copy()
    history = train(own, images[:200], labels[:200], progress=False, **OPTIONS)
    np.testing.assert_array_equal(first.snapshots[-1]["weights"], own.parameters[0][0])
    assert first.snapshots[-1]["loss"] == history.batch_loss[-1]
    assert first.snapshots[-1]["accuracy"] == accuracy(own, images[200:], labels[200:])
    assert first.snapshots[1]["loss"] == history.batch_loss[0]


def test_starting_again_gives_the_same_again_and_the_network_stays_untrained(first, network):
    before = network.flat.copy()
    np.testing.assert_array_equal(first.shown, network.parameters[0][0])
    once, again = (trained(first).snapshots for _ in range(2))
    for one, other in zip(once, again, strict=True):
        np.testing.assert_array_equal(one["weights"], other["weights"])
    np.testing.assert_array_equal(network.flat, before)


def test_the_slider_leads_through_the_snapshots(first):
    trained(first)
    slider, _ = first.children[1].children
    assert (first.snapshot, slider.max) == (6, 6)  # the end is shown at first
    slider.value = 3  # what the page does
    np.testing.assert_array_equal(first.shown, first.snapshots[3]["weights"])
    assert first.says.startswith("After 4 batches: loss of the batch ")
    first.snapshot = 1
    assert first.says.startswith("After 1 batch: ")


def test_changes_are_the_difference_from_the_start(first):
    trained(first)
    picture = first.children[-1]
    png = picture._png
    first.view = "changes"
    start, end = first.snapshots[0]["weights"], first.snapshots[-1]["weights"]
    np.testing.assert_array_equal(first.shown, end - start)
    assert picture._png != png
    assert picture.alt.startswith("10 neurons, each a small image of its changes. After 20 batches: ")
    first.snapshot = 0
    assert not first.shown.any()


def test_stop_ends_the_training(network, digits):
    images, labels = digits
    first = FirstLayer(network, images, labels, epochs=100_000, batch_size=10, learning_rate=0.01)
    first.start()
    assert first.running
    while len(first.snapshots) < 3:
        threading.Event().wait(0.001)
    first.stop()
    first.wait(PATIENCE)
    assert not first.running
    batches = first.snapshots[-1]["batches"]
    assert 2 <= batches < 100_000 * 22
    assert first.status.text == f"Stopped after {batches:,} batches."
    assert first.snapshot == len(first.snapshots) - 1


def test_a_training_that_fails_says_so(network, digits):
    images, labels = digits
    first = FirstLayer(network, images, labels, epochs=5, batch_size=10, learning_rate=1e20)
    first.start()
    with pytest.raises(FloatingPointError):
        first.wait(PATIENCE)
    assert first.status.text.startswith("It failed. TrainingDiverged")


@pytest.mark.parametrize(
    ("sizes", "options", "error", "words"),
    [
        ((784, 10, 10), {"epochs": 1, "batch_size": 10}, TypeError, "learning_rate"),
        ((784, 10, 10), {"speed": 1, **OPTIONS}, TypeError, "speed"),
        ((48, 10, 10), OPTIONS, ValueError, "square"),
        ((784, 10), OPTIONS, ValueError, "hidden layer"),
    ],
)
def test_bad_arguments_are_noticed_at_once(digits, sizes, options, error, words):
    with pytest.raises(error, match=words):
        FirstLayer(Network(sizes), *digits, **options)


def test_words_say_what_is_known():
    snapshot = {"batches": 1234, "loss": 0.5, "accuracy": None}
    assert in_words(snapshot) == "After 1,234 batches: loss of the batch 0.500."
    assert in_words({"batches": 0, "loss": None, "accuracy": None}) == "Before the training."


def test_weights_keep_their_places_in_the_sheet():
    import matplotlib.pyplot as plt

    images = np.random.default_rng(1).normal(size=(5, 4, 4))
    figure, axes = plt.subplots()
    draw_weights(axes, images, columns=3)
    plt.close(figure)
    sheet = np.ma.filled(axes.images[0].get_array(), np.nan)
    side = sheet.shape[0] // 2
    np.testing.assert_array_equal(sheet[:4, side : side + 4], images[1])
    np.testing.assert_array_equal(sheet[side : side + 4, :4], images[3])
    assert np.isnan(sheet[side:, 2 * side :]).all()  # there is no sixth
    assert np.isnan(sheet[4:side]).all()  # a gap between the rows
