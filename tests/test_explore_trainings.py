"""Explorations that train: the race of learning rates and batch sizes, and the first layer's weights."""

import threading

import matplotlib.pyplot as plt
import numpy as np
import pytest

from mnistlib import Network, accuracy, train
from mnistlib.explore import FirstLayer, Race
from mnistlib.explore.weights import draw_weights

PATIENCE = 60  # seconds; no test waits as long
pytestmark = pytest.mark.usefixtures("no_thread_left")
SETTINGS = [(0.1, 20), (0.5, 100), (0.1, None)]
OPTIONS = {"epochs": 2, "batch_size": 20, "learning_rate": 0.1}


@pytest.fixture
def parts(digits):
    """200 digits to train with, and 60 to validate."""
    images, labels = digits
    return (images[:200], labels[:200]), (images[200:], labels[200:])


@pytest.fixture
def race(network, parts):
    """Function: a race with these settings."""

    def race(settings=SETTINGS, epochs=2):
        return Race(network, *parts[0], validation=parts[1], settings=settings, epochs=epochs)

    return race


@pytest.fixture
def first(network, parts):
    return FirstLayer(network, *parts[0], validation=parts[1], **OPTIONS)


def trained(exploration):
    exploration.start()
    exploration.wait(PATIENCE)
    return exploration


def stopped(exploration):
    """Started, and stopped as soon as its picture has changed."""
    before = exploration._picture._png
    exploration.start()
    while exploration.running and exploration._picture._png == before:
        threading.Event().wait(0.001)
    exploration.stop()
    exploration.wait(PATIENCE)
    return exploration


# ---- the race ---------------------------------------------------------------------------------------------


def test_every_runner_is_a_training_by_train(race, network, parts):
    runners = race()
    assert (runners.results, runners.says) == ([], "Nobody has arrived yet.")
    trained(runners)
    assert [result["steps"] for result in runners.results] == [20, 4, 2]
    for (rate, size), result in zip(SETTINGS, runners.results, strict=True):
        own = network.copy()
        train(
            own, *parts[0], epochs=2, learning_rate=rate, batch_size=size, momentum=0, seed=1, progress=False
        )
        expected = {"learning_rate": rate, "batch_size": size, "accuracy": accuracy(own, *parts[1])}
        assert result == expected | {"steps": result["steps"]}
    assert runners.says.startswith("rate 0.1, batches of 20: ")
    assert "rate 0.1, all images: " in runners.says
    assert runners.status.text == "All have arrived."
    assert runners._picture.alt.endswith(runners.says)
    # Whatever the batch size, a curve ends at the number of images that were seen.
    lines = runners._picture.figure.axes[0].lines
    assert [line.get_xdata()[-1] for line in lines] == [400, 400, 400]


def test_starting_again_gives_the_same_again_and_the_network_stays_untrained(race, first, network):
    before, runners = network.flat.copy(), race()
    once, again = (
        [*trained(runners).results, *[kept["weights"].tolist() for kept in trained(first).snapshots]]
        for _ in range(2)
    )
    assert once == again
    np.testing.assert_array_equal(network.flat, before)


def test_stop_ends_the_race(race):
    runners = stopped(race([(0.1, 10), (0.2, 10)], epochs=100_000))
    assert runners.results == []  # the one that was stopped has not arrived, the other never started
    assert runners.status.text == "Stopped."


def test_a_runner_whose_loss_becomes_infinite_has_lost_and_the_others_go_on(race):
    runners = trained(race([(1e20, 20), (0.1, 20)]))
    assert runners.results[0]["accuracy"] is None
    assert runners.results[1]["accuracy"] > 0
    assert "rate 1e+20, batches of 20: lost: its loss became infinite" in runners.says


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ([(0.1, 10)], "a race has two to 4 runners"),
        ([(0.1, 10)] * 5, "a race has two to 4 runners"),
        ([0.1, 0.2], "not a pair of learning rate and batch size"),
        ([(-1, 10), (0.1, 10)], "learning rate"),  # what train refuses is reported
    ],
)
def test_races_that_cannot_be_run(race, settings, words):
    with pytest.raises(ValueError, match=words):
        trained(race(settings))


# ---- the first layer --------------------------------------------------------------------------------------


def test_snapshots_are_those_of_the_same_training_by_train(first, network, parts):
    own = network.copy()
    np.testing.assert_array_equal(first.shown, own.parameters[0][0])
    trained(first)
    history = train(own, *parts[0], progress=False, **OPTIONS)
    assert [snapshot["batches"] for snapshot in first.snapshots] == [0, 1, 2, 4, 8, 16, 20]
    np.testing.assert_array_equal(first.snapshots[-1]["weights"], own.parameters[0][0])
    assert first.snapshots[-1]["loss"] == history.batch_loss[-1]
    assert first.snapshots[-1]["accuracy"] == accuracy(own, *parts[1])
    assert first.snapshots[1]["loss"] == history.batch_loss[0]


def test_the_slider_leads_through_the_snapshots_and_their_changes(first):
    trained(first)
    slider, start = first.knobs["snapshot"], first.snapshots[0]["weights"]
    assert (first.snapshot, slider.max) == (6, 6)  # the end is shown at first
    slider.value = 3  # what the page does
    np.testing.assert_array_equal(first.shown, first.snapshots[3]["weights"])
    loss, right = first.snapshots[3]["loss"], 100 * first.snapshots[3]["accuracy"]
    words = f"After 4 batches: loss of the batch {loss:.3f}, {right:.1f} % of the validation images right."
    assert first.says == words
    first.view = "changes"
    np.testing.assert_array_equal(first.shown, first.snapshots[3]["weights"] - start)
    first.snapshot = 1
    assert first.says.startswith("After 1 batch: ")
    assert first._picture.alt == f"10 neurons, each a small image of its changes. {first.says}"


def test_stop_ends_the_training(network, digits):
    first = stopped(FirstLayer(network, *digits, epochs=100_000, batch_size=10, learning_rate=0.01))
    batches = first.snapshots[-1]["batches"]
    assert 1 <= batches < 100_000 * 26
    assert first.status.text == f"Stopped after {batches:,} batches."
    assert first.snapshot == len(first.snapshots) - 1


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


def test_weights_keep_their_places_in_the_sheet():
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
