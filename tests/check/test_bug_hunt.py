"""The bug hunt: its symptoms are named, and nothing but the right repair passes."""

import itertools

import numpy as np
import pytest
from answers_hunt import FAULTS, LOSS_FAULTS, hunted, loss_hunted, page_loss

SYMPTOMS = {
    "mean": "the slopes of the biases are too small by a factor of the number of examples, 7 here",
    "place": "as if each neuron before it had put out exactly 0 or 1",
    "index": "it comes back through the neurons of another layer",
}


@pytest.mark.parametrize("count", [1, 2, 3])
def test_hunt_names_exactly_the_symptoms_of_the_faults_that_are_left(count, verdict):
    for left in itertools.combinations(FAULTS, count):
        said = verdict("bug_hunt", hunted(**dict.fromkeys(left)))
        assert said.startswith("1 fault is left  - " if count == 1 else f"{count} faults are left  - ")
        assert said.count("  - ") == count
        assert [fault for fault in SYMPTOMS if SYMPTOMS[fault] in said] == [f for f in SYMPTOMS if f in left]
        for code in itertools.chain(*FAULTS.values()):  # as a teacher would: not the line
            assert code not in said


@pytest.mark.parametrize("left", [(), ("place",), ("index",), ("place", "index")])
@pytest.mark.parametrize("biases", ["delta.mean(axis=0)", "delta.sum(axis=0)"])
def test_hunt_tells_when_the_wrong_one_of_the_two_divisions_was_removed(left, biases, verdict):
    undivided = ("deltas = [delta / len(x)]", "deltas = [delta]")
    said = verdict("bug_hunt", hunted(undivided, mean=biases, **dict.fromkeys(left)))
    assert said.count("  - ") == 1 + len(left)
    assert "delta is no longer divided by the number of examples (7 here)" in said
    assert [fault for fault in ("place", "index") if SYMPTOMS[fault] in said] == list(left)


def test_hunted_program_would_have_failed_the_gradient_check():
    """Of the page as it is: the faults are there, and each by itself is one that measured slopes see."""
    rng = np.random.default_rng(0)
    layers, way = (
        [(rng.normal(size=(m, n)), rng.normal(size=n)) for m, n in ((6, 5), (5, 5), (5, 3))] for _ in range(2)
    )
    x, labels = rng.normal(size=(8, 6)), rng.integers(0, 3, 8)

    def moved(h):
        there = [(W + h * V, b + h * c) for (W, b), (V, c) in zip(layers, way, strict=True)]
        return page_loss(x, labels, there, 0.1)

    def difference(gradients):
        slopes = gradients(x, labels, layers, 0.1)
        along = sum(np.vdot(V, dW) + c @ db for (V, c), (dW, db) in zip(way, slopes, strict=True))
        return abs((moved(1e-5) - moved(-1e-5)) / 2e-5 - along)

    assert difference(hunted()) < 1e-8
    for fault in FAULTS:
        assert difference(hunted(**{fault: None})) > 1e-3


@pytest.mark.parametrize("count", [0, 1, 2])
def test_loss_hunt_counts_the_faults_and_says_no_more(count, verdict):
    expected = "1 fault is left" if count == 2 else f"{3 - count} faults are left"
    for mended in itertools.combinations(LOSS_FAULTS, count):
        assert verdict("loss_hunt", loss_hunted(*mended)) == expected
