"""Every exploration: its name in a stored notebook, and its knobs, turned by hand and from Python."""

import numpy as np
import pytest

from mnistlib.explore import FirstLayer, Mistakes, Neuron, Race, Softmax, Steps, SweepMap, Valley
from mnistlib.sweep import Result

SOFTMAX = (
    "3: 11.7%, 5: 86.6%, 8: 1.6%, 9: 0.1%. The score of 5 is 2.0 above that of 3, so its probability is 7.4 "
    "times as large: e to the power of 2.0."
)
LAYERS = [(np.eye(4, 3), np.zeros(3)), (np.eye(3, 10), np.zeros(10))]


@pytest.fixture
def build(network, digits):
    """Function of the name of a class: a small exploration of that kind."""
    makers = {
        "Neuron": lambda: Neuron(weight=3, bias=-3, input=1),
        "Softmax": lambda: Softmax(2, 1, 0, -3),
        "Valley": lambda: Valley(rate=0.08),
        "Steps": lambda: Steps(LAYERS, np.ones(4), 3),
        "Race": lambda: Race(network, *digits, validation=digits, settings=[(0.1, 20), (0.5, 100)]),
        "FirstLayer": lambda: FirstLayer(network, *digits, epochs=2, batch_size=20, learning_rate=0.1),
        "SweepMap": lambda: SweepMap([Result({"sizes": (784, 10), "learning_rate": 0.1}, 0.9, 0.5, 0.25)]),
        "Mistakes": lambda: Mistakes(network, *digits),
    }
    return lambda name: makers[name]()


@pytest.mark.parametrize(
    "words",
    [
        "Neuron(weight=3.0, bias=-3.0, input=1.0)",
        "Softmax(2.0, 1.0, 0.0, -3.0)",
        "Valley(2 weights, learning rate 0.080: steady)",
        "Steps(4-3-10, a 3, step 1)",
        "Race(Network(784-10-10, relu, softmax), 2 runners)",
        "FirstLayer(Network(784-10-10, relu, softmax), 1 snapshots)",
        "SweepMap(1 runs)",
        "Mistakes(260 images)",
    ],
)
def test_repr_is_the_same_in_every_run(build, words):
    assert repr(build(words.partition("(")[0])) == words


@pytest.mark.parametrize(
    ("name", "knob", "value", "words", "strange"),
    [
        ("Neuron", "weight", -0.5, "= 1.0 · (−0.5) + (−3.0) = (−3.50).", 4.1),
        ("Softmax", "five", 4.0, SOFTMAX, 7),
        ("Valley", "rate", 0.21, "Learning rate 0.210: lost.", 0.25),
        ("Steps", "step", 4, "4 of 8 · The cost\n", 9),
        ("Steps", "step", 2, "2 of 8 · Hidden neurons\n", 1.5),
        ("FirstLayer", "view", "changes", "Before the training", "gradient"),
        ("FirstLayer", "snapshot", 0, "Before the training", 1),
    ],
)
def test_a_knob_is_an_attribute_and_draws_anew(build, name, knob, value, words, strange):
    exploration = build(name)
    before, seen = getattr(exploration, knob), [(p._png, p.alt) for p in exploration.pictures()]
    exploration.knobs[knob].value = value  # what the page does
    assert getattr(exploration, knob) == value
    assert words in exploration.says
    for picture, (png, alt) in zip(exploration.pictures(), seen, strict=True):
        assert (picture._png != png) == (picture.alt != alt) == (value != before)
    with pytest.raises(ValueError, match=f"{knob} is {strange!r}: expected"):
        setattr(exploration, knob, strange)
    assert getattr(exploration, knob) == value
