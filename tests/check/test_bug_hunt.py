"""The bug hunt: its symptoms are named, and nothing but the right repair passes."""

import itertools

import numpy as np
import pytest
from course import with_helpers
from learners import BENDS, EXERCISES, run

# What the page has, and what belongs there
FAULTS = {
    "back": ("delta[a < 0] = 0", "delta[a <= 0] = 0"),
    "price": ("dW + l2 * dW", "dW + l2 * W"),
    "biases": ("db = delta.sum()", "db = delta.sum(axis=0)"),
}
SYMPTOMS = {
    "back": "some error flows back through neurons that are off",
    "price": "a large weight pays no more than a small one",
    "biases": "biases are a single number, so that all move alike",
}


def hunted(**repairs):
    """The page's `gradients` with all three faults mended, or with one line as `repairs` has it.

    repairs: for a fault of FAULTS the code that somebody wrote there; None leaves the fault in.
    """
    (page,) = [exercise for exercise in EXERCISES if exercise.check == "bug_hunt"]
    code = page.helpers["gradients"].replace("for (W, _), a", "for (W, b), a")
    for fault, (faulty, right) in FAULTS.items():
        assert code.count(faulty) == 1, f"the page has changed: {faulty}"
        repair = repairs.get(fault, right)
        code = code.replace(faulty, faulty if repair is None else repair)
    return run(with_helpers(code, page.helpers), f"<hunt {code}>")["gradients"]


def test_hunt_ends_where_all_three_are_mended(verdict):
    assert verdict("bug_hunt", hunted()) == "right!"


def slopes_of(x, labels, layers, l2):
    """The right answer to the bug hunt."""
    return hunted()(x, labels, layers, l2)


WRONG = [
    (lambda *inputs: slopes_of(*inputs)[0], "a pair (dW, db) for each of the 3 layers"),
    (lambda *inputs: [dW for dW, db in slopes_of(*inputs)], "return a pair (dW, db) for each layer"),
    (lambda *inputs: [(dW.T, db) for dW, db in slopes_of(*inputs)], "have the shape of W"),
    (lambda *inputs: [(-dW, -db) for dW, db in slopes_of(*inputs)], "the wrong sign now"),
    (lambda *inputs: [(7 * dW, 7 * db) for dW, db in slopes_of(*inputs)], "a sum over the examples now"),
    (lambda *inputs: [(dW + 1, db) for dW, db in slopes_of(*inputs)], "even the last layer's dW differs"),
    (lambda *inputs: [(dW, db[None]) for dW, db in slopes_of(*inputs)], "have shape (1, 5), not (5,)"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "words"), WRONG)
def test_mistake_is_named(function, words, verdict):
    assert words in verdict("bug_hunt", function)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_hunt_names_exactly_the_symptoms_of_the_faults_that_are_left(count, verdict):
    for left in itertools.combinations(FAULTS, count):
        said = verdict("bug_hunt", hunted(**dict.fromkeys(left)))
        assert said.startswith("1 fault is left  - " if count == 1 else f"{count} faults are left  - ")
        assert said.count("  - ") == count
        assert [fault for fault in SYMPTOMS if SYMPTOMS[fault] in said] == [f for f in SYMPTOMS if f in left]
        for faulty, right in FAULTS.values():  # as a teacher would: not the line
            assert faulty not in said
            assert right not in said


REPAIRS = [
    ("back", "delta[a >= 0] = 0", "nothing flows back any more"),
    ("back", "delta[a > 0] = 0", "through the neurons that are off, and not through the others"),
    ("back", "delta = delta * a * (1 - a)", "belongs to the sigmoid"),
    ("back", "delta = delta * a", "its slope is 1, and not what it put out"),
    ("back", "delta[delta < 0] = 0", "those before it are not"),
    ("back", "pass", "through neurons that are off"),
    ("price", "dW + 0", "no price at all"),
    ("price", "dW - l2 * W", "rewards large weights"),
    ("price", "dW + 2 * l2 * W", "twice too much"),
    ("price", "dW + l2 * W**2", "by something else than λ W"),
    ("price", "dW + l2 * W / len(x)", "by something else than λ W"),
    ("price", "dW + l2 * W * (a is not x)", "right in one layer, but not in all"),
    ("price", "dW + 0.001 * W", "this was right before"),
    ("biases", "db = delta.mean(axis=0)", "too small, by the number of examples (7 here)"),
    ("biases", "db = delta.sum(axis=1)", "have shape (7,), not (5,)"),
    ("biases", "db = delta.sum(axis=0, keepdims=True)", "have shape (1, 5), not (5,)"),
    ("biases", "db = delta.sum(axis=0) * len(x)", "the slopes of the biases are not the measured ones"),
    ("biases", "db = delta.sum(axis=0) + l2 * b", "the biases, which go free"),
    ("biases", "db = np.full(len(b), delta.sum())", "the slopes of the biases are not the measured ones"),
    (
        "biases",
        "db = delta.sum(axis=0) * (2 if a is x else 1)",
        "in layer 1 dW is right, but the slopes of the biases are not",
    ),
]


@pytest.mark.parametrize(("fault", "repair", "words"), REPAIRS, ids=[repair for _, repair, _ in REPAIRS])
def test_wrong_repair_of_the_hunt_is_named(fault, repair, words, verdict):
    said = verdict("bug_hunt", hunted(**{fault: repair}))
    assert words in said
    if "was right before" not in said:
        assert said.startswith("1 fault is left  - ")


def test_hunted_program_trains_and_would_have_failed_the_gradient_check():
    """Of the page as it is: the faults are there, and each by itself is one that measured slopes see."""
    rng = np.random.default_rng(0)
    layers = [(rng.normal(size=(6, 5)), rng.normal(size=5)), (rng.normal(size=(5, 3)), rng.normal(size=3))]
    x, labels = rng.normal(size=(8, 6)), rng.integers(0, 3, 8)
    (page,) = [exercise for exercise in EXERCISES if exercise.check == "bug_hunt"]
    loss = run(with_helpers(page.helpers["loss"], page.helpers))["loss"]

    def difference(gradients):
        worst = 0
        for pair, slopes in zip(layers, gradients(x, labels, layers, 0.1), strict=True):
            for array, slope in zip(pair, slopes, strict=True):
                for place in np.ndindex(array.shape):
                    kept, ends = array[place], []
                    for h in (1e-5, -1e-5):
                        array[place] = kept + h
                        ends.append(loss(x, labels, layers, 0.1))
                    array[place] = kept
                    found = np.broadcast_to(slope, array.shape)[place]
                    worst = max(worst, abs((ends[0] - ends[1]) / 2e-5 - found))
        return worst

    assert difference(hunted()) < 1e-8
    for fault in FAULTS:
        assert difference(hunted(**{fault: None})) > 1e-3


@pytest.mark.parametrize("bend", BENDS.values(), ids=BENDS)
@pytest.mark.parametrize("place", [0, 1], ids=["dW", "db"])
def test_right_slopes_with_one_array_bent(place, bend, verdict):
    def almost(*inputs):
        pairs = [list(pair) for pair in slopes_of(*inputs)]
        pairs[1][place] = bend(pairs[1][place])
        return pairs

    said = verdict("bug_hunt", almost)
    assert said != "right!"
    assert "this check cannot read" not in said
    assert "your function stopped" not in said
