"""Learning rates and batch sizes, raced."""

import threading

import numpy as np
import pytest

from mnistlib import accuracy, train
from mnistlib.explore import Race

PATIENCE = 60  # seconds; no test waits as long
pytestmark = pytest.mark.usefixtures("no_thread_left")
SETTINGS = [(0.1, 20), (0.5, 100), (0.1, None)]


@pytest.fixture
def build(network, digits):
    images, labels = digits

    def build(settings=SETTINGS, **options):
        validation = images[200:], labels[200:]
        return Race(network, images[:200], labels[:200], validation=validation, settings=settings, **options)

    return build


def raced(race):
    race.start()
    race.wait(PATIENCE)
    return race


def test_before_the_start(build):
    race = build()
    assert race.results == []
    assert race.says == "Nobody has arrived yet."


def test_every_runner_is_a_training_by_train(build, network, digits):
    images, labels = digits
    race = raced(build(epochs=2))
    assert [(r["learning_rate"], r["batch_size"]) for r in race.results] == SETTINGS
    assert [result["steps"] for result in race.results] == [20, 4, 2]
    for (rate, size), result in zip(SETTINGS, race.results, strict=True):
        own = network.copy()
        options = {"epochs": 2, "momentum": 0.0, "seed": 1, "progress": False}
        train(own, images[:200], labels[:200], learning_rate=rate, batch_size=size, **options)
        assert result["accuracy"] == accuracy(own, images[200:], labels[200:])
    assert race.says.startswith("rate 0.1, batches of 20: ")
    assert "rate 0.1, all images: " in race.says
    assert race.status.text == "All have arrived."
    assert race.children[1].alt.endswith(race.says)


def test_every_race_ends_the_same_and_the_network_stays_untrained(build, network):
    before = network.flat.copy()
    race = raced(build())
    first = race.results
    assert raced(race).results == first
    np.testing.assert_array_equal(network.flat, before)


def test_curves_are_comparable(build):
    """Whatever the batch size, a curve ends at the number of images that were seen."""
    race = raced(build(epochs=2))
    lines = race.children[1].figure.axes[0].lines
    assert [line.get_xdata()[-1] for line in lines] == [400, 400, 400]


def test_stop_ends_the_race(build):
    race = build(settings=[(0.1, 10), (0.2, 10)], epochs=100_000)
    race.start()
    assert race.running
    while not race._curves or len(race._curves[0]) < 3:
        threading.Event().wait(0.001)
    race.stop()
    race.wait(PATIENCE)
    assert not race.running
    assert race.results == []  # the one that was stopped has not arrived, the other never started
    assert race.status.text == "Stopped."


def test_a_runner_whose_loss_becomes_infinite_has_lost_and_the_others_go_on(build):
    race = raced(build(settings=[(1e20, 20), (0.1, 20)], epochs=2))
    assert race.results[0]["accuracy"] is None
    assert race.results[1]["accuracy"] > 0
    assert "rate 1e+20, batches of 20: lost: its loss became infinite" in race.says


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ([(0.1, 10)], "a race has two to 4 runners"),
        ([(0.1, 10)] * 5, "a race has two to 4 runners"),
        ([0.1, 0.2], "not a pair of learning rate and batch size"),
    ],
)
def test_two_to_four_pairs(build, settings, words):
    with pytest.raises(ValueError, match=words):
        build(settings)


def test_arguments_that_train_refuses_are_reported(build):
    race = build(settings=[(-1, 10), (0.1, 10)])
    race.start()
    with pytest.raises(ValueError, match="learning rate"):
        race.wait(PATIENCE)
    assert race.status.text.startswith("It failed.")


def test_a_plain_picture_for_pages_without_a_kernel(run_cells):
    _, outputs = run_cells(
        "from mnistlib import Network, synthetic_digits\n"
        "from mnistlib.explore import Race\n"
        "images, labels = synthetic_digits(60, seed=1)\n"
        "race = Race(Network((784, 5, 10)), images, labels, validation=(images, labels),"
        " settings=[(0.1, 10), (0.1, 30)])\n"
        "race.start()\nrace.wait()",
        "race.picture()",
    )
    (picture,) = outputs
    assert picture["data"]["image/png"]
    assert "rate 0.1, batches of 30: " in picture["metadata"]["image/png"]["alt"]
