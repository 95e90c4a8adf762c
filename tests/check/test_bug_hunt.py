"""The bug hunt: its symptoms are named, and nothing but the right repair passes."""

import functools
import itertools

import numpy as np
import pytest
from course import with_helpers
from learners import BENDS, EXERCISES, run

# What the page has, and what belongs there
FAULTS = {
    "mean": ("delta.mean(axis=0)", "delta.sum(axis=0)"),
    "place": ("slope[slope > 0] = 1", "slope = slope > 0"),
    "index": ("hidden[n - 2]", "hidden[n - 1]"),
}
SYMPTOMS = {
    "mean": "the slopes of the biases are too small by a factor of the number of examples, 7 here",
    "place": "as if each neuron before it had put out exactly 0 or 1",
    "index": "it comes back through the neurons of another layer",
}
LOSS_FAULTS = {
    "means": [
        ("losses.append(", "losses += list("),
        ("y]).mean())", "y]))"),
    ],
    "log": [
        ("p, y = softmax(z), labels", "z, y = z - z.max(axis=1, keepdims=True), labels"),
        ("-np.log(p[np.arange(len(y)), y])", "(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y])"),
    ],
    "biases": [
        ("(array**2).sum() for layer in layers for array in layer", "(W**2).sum() for W, _ in layers")
    ],
}


def page_of(check):
    (page,) = [exercise for exercise in EXERCISES if exercise.check == check]
    return page


@functools.cache
def compiled(name, code, check):
    return run(with_helpers(code, page_of(check).helpers), f"<hunt {code}>")[name]


def hunted(**repairs):
    """The page's `gradients` with all three faults mended, or with one line as `repairs` has it.

    repairs: for a fault of FAULTS the code that somebody wrote there; None leaves the fault in.
    """
    code = page_of("bug_hunt").helpers["gradients"]
    for fault, (faulty, right) in FAULTS.items():
        assert code.count(faulty) == 1, f"the page has changed: {faulty}"
        repair = repairs.get(fault, right)
        code = code.replace(faulty, faulty if repair is None else repair)
    return compiled("gradients", code, "bug_hunt")


def loss_hunted(mended=LOSS_FAULTS):
    """The page's `mean_loss` with the faults named in `mended` mended."""
    code = page_of("loss_hunt").helpers["mean_loss"]
    for fault in LOSS_FAULTS:
        for faulty, right in LOSS_FAULTS[fault] if fault in mended else []:
            assert code.count(faulty) == 1, f"the page has changed: {faulty}"
            code = code.replace(faulty, right)
    return compiled("mean_loss", code, "loss_hunt")


def slopes_of(x, labels, layers, l2):
    """The right answer to the bug hunt."""
    return hunted()(x, labels, layers, l2)


# ---- right answers in other styles ------------------------------------------------------------------------


def one_loop(x, labels, layers, l2):
    """As notebook 07 goes back: the slopes of a layer as soon as its delta is known."""
    inputs = [x]
    for W, b in layers[:-1]:
        inputs.append(np.maximum(inputs[-1] @ W + b, 0))
    W, b = layers[-1]
    z = inputs[-1] @ W + b
    p = np.exp(z - z.max(axis=1, keepdims=True))
    delta = (p / p.sum(axis=1, keepdims=True) - np.eye(len(b))[labels]) / len(x)
    slopes = []
    for (W, _), a in zip(reversed(layers), reversed(inputs), strict=True):
        slopes.append([a.T @ delta + l2 * W, np.ones(len(x)) @ delta])
        delta = np.where(a > 0, delta @ W.T, 0)
    return slopes[::-1]


def image_by_image(x, labels, layers, l2):
    """The mean of the gradients of single images."""
    alone = [one_loop(x[n : n + 1], labels[n : n + 1], layers, 0) for n in range(len(x))]
    slopes = [
        [sum(parts) / len(x) for parts in zip(*pairs, strict=True)] for pairs in zip(*alone, strict=True)
    ]
    return [(dW + l2 * W, db) for (dW, db), (W, _) in zip(slopes, layers, strict=True)]


RIGHT = [
    one_loop,
    image_by_image,
    lambda *inputs: hunted(place="slope = (slope > 0).astype(float)")(*inputs),
    lambda *inputs: hunted(place="slope = np.sign(slope)")(*inputs),
    lambda *inputs: hunted(index="hidden[n - 1].copy()", place=None)(*inputs),
    lambda *inputs: hunted(mean="delta.mean(axis=0) * len(delta)")(*inputs),
    lambda *inputs: hunted(mean="np.einsum('no->o', delta)")(*inputs),
    lambda *inputs: tuple(map(tuple, slopes_of(*inputs))),
]


@pytest.mark.parametrize("function", RIGHT)
def test_right_in_another_style(function, verdict):
    assert verdict("bug_hunt", function) == "right!"


def test_hunt_ends_where_all_three_are_mended(verdict):
    assert verdict("bug_hunt", hunted()) == "right!"


# ---- wrong ones -------------------------------------------------------------------------------------------

WRONG = [
    (lambda *inputs: slopes_of(*inputs)[0], "a pair (dW, db) for each of the 4 layers"),
    (lambda *inputs: [dW for dW, db in slopes_of(*inputs)], "return a pair (dW, db) for each layer"),
    (lambda *inputs: [(dW.T, db) for dW, db in slopes_of(*inputs)], "have the shape of W"),
    (lambda *inputs: [(-dW, -db) for dW, db in slopes_of(*inputs)], "the wrong sign"),
    (lambda *inputs: [(dW, 7 * db) for dW, db in slopes_of(*inputs)], "too large by a factor of the number"),
    (lambda *inputs: [(dW + 1, db) for dW, db in slopes_of(*inputs)], "the last layer's weights are wrong"),
    (lambda *inputs: [(dW, db[None]) for dW, db in slopes_of(*inputs)], "have shape (1, 5), not (5,)"),
    (lambda *inputs: slopes_of(*inputs)[::-1], "have the shape of W"),
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


@pytest.mark.parametrize("left", [(), ("place",), ("index",), ("place", "index")])
@pytest.mark.parametrize("biases", ["delta.mean(axis=0)", "delta.sum(axis=0)"])
def test_hunt_tells_when_the_wrong_one_of_the_two_divisions_was_removed(left, biases, verdict):
    code = page_of("bug_hunt").helpers["gradients"]
    assert code.count("deltas = [delta / len(x)]") == 1
    code = code.replace("deltas = [delta / len(x)]", "deltas = [delta]")
    code = code.replace(FAULTS["mean"][0], biases)
    for fault in {"place", "index"} - set(left):
        code = code.replace(*FAULTS[fault])
    said = verdict("bug_hunt", compiled("gradients", code, "bug_hunt"))
    assert said.count("  - ") == 1 + len(left)
    assert "delta is no longer divided by the number of examples (7 here)" in said
    assert [fault for fault in ("place", "index") if SYMPTOMS[fault] in said] == list(left)


REPAIRS = [
    ("mean", "delta.mean(axis=0) * 8", "right for 8 examples only (7 here)"),  # the page's small network
    ("mean", "delta.mean(axis=0) * 100", "right for 100 examples only (7 here)"),  # its minibatches
    ("mean", "delta.mean(axis=0) * 7", "not for 6-5-4-3 and 9 examples"),
    ("mean", "delta.sum()", "have shape (), not (5,)"),
    ("mean", "delta.sum(axis=1)", "have shape (7,), not (5,)"),
    ("mean", "delta.sum(axis=0, keepdims=True)", "have shape (1, 5), not (5,)"),
    ("mean", "delta.sum(axis=0) * len(x)", "too large by a factor of the number of examples, 7 here"),
    ("mean", "-delta.sum(axis=0)", "the slopes of the biases have the wrong sign"),
    ("mean", "delta.sum(axis=0) + l2 * b", "switching L2 on changes the slopes of the biases"),
    ("mean", "delta.sum(axis=0) / 10", "not the measured ones"),
    ("mean", "delta.sum(axis=0) * (1 if a is x or len(b) == 3 else 2)", "layer 2's biases are not"),
    ("place", "pass", "what another layer put out"),
    ("place", "slope = slope[:]; slope[slope > 0] = 1", "exactly 0 or 1"),
    ("place", "slope = np.asarray(slope); slope[slope > 0] = 1", "exactly 0 or 1"),
    ("place", "slope = np.where(slope > 0, 0, 1)", "through the neurons that are off, and no others"),
    ("place", "slope = slope >= 0", "flows back through neurons that are off"),
    ("place", "slope = slope * (1 - slope)", "belongs to the sigmoid"),
    ("place", "slope = slope < 0", "nothing flows back any more"),
    ("index", "hidden[n]", "your function stopped with IndexError"),
    ("index", "hidden[-n]", "through the neurons of another layer"),
    ("index", "hidden[1 - n]", "the error that reaches the first layer is wrong"),
    ("index", "hidden[n - 3]", "is wrong, in a network of 4 layers"),  # right on the page
    ("index", "hidden[0]", "the error that reaches the first layer is wrong"),
]


@pytest.mark.parametrize(("fault", "repair", "words"), REPAIRS, ids=[repair for _, repair, _ in REPAIRS])
def test_wrong_repair_of_the_hunt_is_named(fault, repair, words, verdict):
    repairs = {fault: repair}
    if repair == "pass":
        repairs["index"] = None
    assert words in verdict("bug_hunt", hunted(**repairs))


def test_repair_for_the_pages_network_alone_is_refused(verdict):
    said = verdict("bug_hunt", hunted(index="hidden[(n - 1) % 3]"))
    assert "not for 3-4-5-6-7-8" in said


def test_hunted_program_would_have_failed_the_gradient_check():
    """Of the page as it is: the faults are there, and each by itself is one that measured slopes see."""
    rng = np.random.default_rng(0)
    layers = [(rng.normal(size=(m, n)), rng.normal(size=n)) for m, n in ((6, 5), (5, 5), (5, 3))]
    x, labels = rng.normal(size=(8, 6)), rng.integers(0, 3, 8)
    loss = compiled("loss", page_of("bug_hunt").helpers["loss"], "bug_hunt")

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
                    worst = max(worst, abs((ends[0] - ends[1]) / 2e-5 - slope[place]))
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


# ---- the second round -------------------------------------------------------------------------------------


def true_loss(x, labels, layers, l2):
    return loss_hunted()(x, labels, layers, l2)


def weighted_means(x, labels, layers, l2):
    """Pieces of 64 images, each loss counted as often as it has images."""
    pieces = [slice(start, start + 64) for start in range(0, len(x), 64)]
    means = [true_loss(x[piece], labels[piece], layers, 0) for piece in pieces]
    return np.average(means, weights=[len(x[piece]) for piece in pieces]) + true_price(layers, l2)


def true_price(layers, l2):
    return l2 / 2 * sum(np.vdot(W, W) for W, _ in layers)


def logaddexp_loss(x, labels, layers, l2):
    """With numpy's own log-sum-exp, but all at once."""
    for W, b in layers[:-1]:
        x = np.maximum(x @ W + b, 0)
    W, b = layers[-1]
    z = x @ W + b
    return (np.logaddexp.reduce(z, axis=1) - z[np.arange(len(z)), labels]).mean() + true_price(layers, l2)


def one_by_one(x, labels, layers, l2):
    losses = [logaddexp_loss(x[n : n + 1], labels[n : n + 1], layers, 0) for n in range(len(x))]
    return sum(losses) / len(losses) + true_price(layers, l2)


@pytest.mark.parametrize(
    "function",
    [
        true_loss,
        weighted_means,
        one_by_one,
        lambda *inputs: in_pieces_of(1000)(*inputs),
        lambda *inputs: np.array([true_loss(*inputs)]),
        lambda *inputs: float(true_loss(*inputs)),
    ],
)
def test_right_loss_in_another_style(function, verdict):
    assert verdict("loss_hunt", function) == "right!"


@pytest.mark.parametrize("count", [0, 1, 2])
def test_loss_hunt_counts_the_faults_and_says_no_more(count, verdict):
    for mended in itertools.combinations(LOSS_FAULTS, count):
        left = 3 - count
        expected = "1 fault is left" if left == 1 else f"{left} faults are left"
        assert verdict("loss_hunt", loss_hunted(mended)) == expected


def test_half_a_repair_of_the_mean_hides_no_logarithm(verdict):
    """It was told so: each hundred divided by 100, and the mean of that, with both other faults mended."""

    def half_mended(x, labels, layers, l2):
        pieces = [slice(start, start + 100) for start in range(0, len(x), 100)]
        sums = [true_loss(x[piece], labels[piece], layers, 0) * len(x[piece]) for piece in pieces]
        return np.mean(sums) / 100 + true_price(layers, l2)

    assert verdict("loss_hunt", half_mended) == "1 fault is left"


def test_wider_numbers_only_put_the_logarithm_of_zero_off(verdict):
    code = page_of("loss_hunt").helpers["mean_loss"]
    wider = compiled("mean_loss", code.replace("softmax(z)", "softmax(z.astype(np.longdouble))"), "loss_hunt")
    assert verdict("loss_hunt", wider) == "3 faults are left"


def without_the_rest(x, labels, layers, l2):
    whole = len(x) - len(x) % 100 or len(x)
    return true_loss(x[:whole], labels[:whole], layers, l2)


def with_ceiling(x, labels, layers, l2):
    each = [true_loss(x[n : n + 1], labels[n : n + 1], layers, 0) for n in range(len(x))]
    return np.minimum(each, 20).mean() + true_price(layers, l2)


def in_pieces_of(size):
    def mean(x, labels, layers, l2):
        pieces = [slice(start, start + size) for start in range(0, len(x), size)]
        sums = [logaddexp_loss(x[piece], labels[piece], layers, 0) * len(x[piece]) for piece in pieces]
        return sum(sums) / len(x) + true_price(layers, l2)

    return mean


def all_at_once(x, labels, layers, l2):
    """The page's own `loss`, which is sound: round 2 would end without a fault found."""
    return compiled("loss", page_of("bug_hunt").helpers["loss"], "bug_hunt")(x, labels, layers, l2)


WRONG_LOSS = [
    (all_at_once, "too many images go through the network at once"),
    (logaddexp_loss, "too many images go through the network at once"),
    (in_pieces_of(4000), "too many images go through the network at once"),
    (without_the_rest, "don't count at all"),
    (with_ceiling, "The logarithm of 0 is hidden"),
    (lambda x, y, layers, l2: -true_loss(x, y, layers, l2), "the wrong sign"),
    (lambda x, y, layers, l2: true_loss(x, y, layers, 0) * len(x), "is a sum now"),
    (lambda x, y, layers, l2: true_loss(x, y, layers, 0) / len(x), "divided by the number of images twice"),
    (lambda x, y, layers, l2: true_loss(x, y, layers, 0) / np.log(2), "another base"),
    (lambda x, y, layers, l2: true_loss(x, y, layers, 0), "no longer l2 / 2 times"),
    (lambda x, y, layers, l2: true_loss(x, y, layers, 2 * l2), "no longer l2 / 2 times"),
    (lambda x, y, layers, l2: true_loss(x, y, layers, l2) + 1, "instead of"),
    (lambda x, y, layers, l2: np.full(len(x), true_loss(x, y, layers, l2)), "a single number was expected"),
    (lambda x, y, layers, l2: true_loss(x, y[:-1], layers, l2), "your function stopped"),
]


@pytest.mark.parametrize(("function", "words"), WRONG_LOSS)
def test_mistake_in_the_loss_is_named(function, words, verdict):
    assert words in verdict("loss_hunt", function)


@pytest.mark.parametrize(
    ("faulty", "repair"),
    [
        ("np.log(p[", "np.log(1e-12 + p["),
        ("np.log(p[np.arange(len(y)), y])", "np.log(np.clip(p[np.arange(len(y)), y], 1e-12, 1))"),
    ],
)
def test_hidden_logarithm_of_zero_is_refused(faulty, repair, verdict):
    code = page_of("loss_hunt").helpers["mean_loss"]
    assert code.count(faulty) == 1
    said = verdict("loss_hunt", compiled("mean_loss", code.replace(faulty, repair), "loss_hunt"))
    assert "The logarithm of 0 is hidden" in said
