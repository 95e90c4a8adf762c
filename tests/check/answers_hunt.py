"""The bug hunt: repairs of the page's faults, and answers written anew, right and wrong."""

import functools

import numpy as np
from course import with_helpers
from learners import EXERCISES, run

# What the page has, and what belongs there
FAULTS = {
    "mean": ("delta.mean(axis=0)", "delta.sum(axis=0)"),
    "place": ("slope[slope > 0] = 1", "slope = slope > 0"),
    "index": ("hidden[n - 2]", "hidden[n - 1]"),
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


@functools.cache
def compiled(name, changes):
    (helpers,) = [exercise.helpers for exercise in EXERCISES if exercise.check == "loss_hunt"]
    code = helpers[name]
    for old, new in changes:
        assert code.count(old) == 1, f"the page has changed: {old}"
        code = code.replace(old, new)
    return run(with_helpers(code, helpers), f"<hunt {code}>")[name]


def changed(name, *changes):
    """A function of the page with some changes, pairs (old, new), each at one place of its code."""
    return lambda *inputs: compiled(name, changes)(*inputs)


def hunted(*changes, **repairs):
    """The page's `gradients` with all three faults mended, or with one line as `repairs` has it.

    repairs: for a fault of FAULTS the code that somebody wrote there; None leaves the fault in.
    """
    written = [(faulty, repairs.get(fault, right)) for fault, (faulty, right) in FAULTS.items()]
    return changed("gradients", *changes, *(repair for repair in written if repair[1] is not None))


def loss_hunted(*mended):
    """The page's `mean_loss` with these of LOSS_FAULTS mended."""
    return changed("mean_loss", *(change for fault in mended for change in LOSS_FAULTS[fault]))


right_slopes, right_loss = hunted(), loss_hunted(*LOSS_FAULTS)
page_loss = changed("loss")  # which is sound, but takes all images at once


def each(change):
    """The right pairs, each of them changed."""
    return lambda *inputs: [change(dW, db) for dW, db in right_slopes(*inputs)]


def in_pieces_of(size, join=np.average):
    """The loss joined from those of pieces of the images: join(losses, weights=how many images each has)."""

    def loss(x, labels, layers, l2):
        pieces = [slice(start, start + size) for start in range(0, len(x), size)]
        losses = np.array([page_loss(x[piece], labels[piece], layers, 0) for piece in pieces])
        price = l2 / 2 * sum(np.vdot(W, W) for W, _ in layers)
        return join(losses, weights=np.array([len(x[piece]) for piece in pieces])) + price

    return loss


def half_mended(losses, weights):
    """Of hundreds: each divided by 100, and the mean of that."""
    return np.mean(losses * weights) / 100


def without_the_rest(x, labels, layers, l2):
    whole = len(x) - len(x) % 100 or len(x)
    return right_loss(x[:whole], labels[:whole], layers, l2)


RIGHT = {
    "bug_hunt": [
        right_slopes,
        each(lambda dW, db: [dW, db]),
        hunted(place="slope = (slope > 0).astype(float)"),
        hunted(index="hidden[n - 1].copy()", place=None),
        hunted(mean="delta.mean(axis=0) * len(delta)"),
    ],
    "loss_hunt": [
        right_loss,
        in_pieces_of(64),
        in_pieces_of(1),
        in_pieces_of(1000),
    ],
}

WRONG = {
    "bug_hunt": [
        (lambda *inputs: right_slopes(*inputs)[0], "a pair (dW, db) for each of the 4 layers"),
        (each(lambda dW, db: dW), "return a pair (dW, db) for each layer"),
        (each(lambda dW, db: (dW.T, db)), "have the shape of W"),
        (each(lambda dW, db: (dW + 1, db)), "the last layer's weights are wrong"),
        (lambda *inputs: right_slopes(*inputs)[::-1], "have the shape of W"),
        (hunted(mean="delta.mean(axis=0) * 8"), "right for 8 examples only (7 here)"),  # the small network
        (hunted(mean="delta.mean(axis=0) * 100"), "right for 100 examples only (7 here)"),  # the minibatches
        (hunted(mean="delta.mean(axis=0) * 7"), "not for 6-5-4-3 and 9 examples"),
        (hunted(mean="delta.sum()"), "have shape (), not (5,)"),
        (hunted(mean="delta.sum(axis=1)"), "have shape (7,), not (5,)"),
        (hunted(mean="delta.sum(axis=0, keepdims=True)"), "have shape (1, 5), not (5,)"),
        (hunted(mean="delta.sum(axis=0) * len(x)"), "too large by a factor of the number of examples, 7"),
        (hunted(mean="-delta.sum(axis=0)"), "the slopes of the biases have the wrong sign"),
        (hunted(mean="delta.sum(axis=0) + l2 * b"), "switching L2 on changes the slopes of the biases"),
        (hunted(mean="delta.sum(axis=0) / 10"), "not the measured ones"),
        (hunted(mean="delta.sum(axis=0) * (1 if a is x or len(b) == 3 else 2)"), "layer 2's biases are not"),
        (hunted(place="pass", index=None), "what another layer put out"),
        (hunted(place="slope = slope[:]; slope[slope > 0] = 1"), "exactly 0 or 1"),
        (hunted(place="slope = np.where(slope > 0, 0, 1)"), "neurons that are off, and no others"),
        (hunted(place="slope = slope >= 0"), "flows back through neurons that are off"),
        (hunted(place="slope = slope * (1 - slope)"), "belongs to the sigmoid"),
        (hunted(place="slope = slope < 0"), "nothing flows back any more"),
        (hunted(index="hidden[n]"), "your function stopped with IndexError"),
        (hunted(index="hidden[-n]"), "through the neurons of another layer"),
        (hunted(index="hidden[n - 3]"), "is wrong, in a network of 4 layers"),  # right on the page
        (hunted(index="hidden[(n - 1) % 3]"), "not for 3-4-5-6-7-8"),
        (lambda x, y, layers, l2: right_slopes(x, y, layers, 0), "large weights have no price"),
        (lambda x, y, layers, l2: right_slopes(x, y, layers, -l2), "rewards large weights"),
        (lambda x, y, layers, l2: right_slopes(x, y, layers, 2 * l2), "costs twice too much"),
    ],
    "loss_hunt": [
        (in_pieces_of(4000), "too many images go through the network at once"),
        (without_the_rest, "don't count at all"),
        # It was told so, although both other faults are mended: half a repair hides no logarithm
        (in_pieces_of(100, half_mended), "1 fault is left"),
        # Wider numbers only put the logarithm of 0 off
        (changed("mean_loss", ("softmax(z)", "softmax(z.astype(np.longdouble))")), "3 faults are left"),
        (changed("mean_loss", ("np.log(p[", "np.log(1e-12 + p[")), "The logarithm of 0 is hidden"),
        (lambda x, y, layers, l2: -right_loss(x, y, layers, l2), "the wrong sign"),
        (lambda x, y, layers, l2: right_loss(x, y, layers, 0) * len(x), "is a sum now"),
        (lambda x, y, layers, l2: right_loss(x, y, layers, 0) / len(x), "divided by the number of images"),
        (lambda x, y, layers, l2: right_loss(x, y, layers, 0) / np.log(2), "another base"),
        (lambda x, y, layers, l2: right_loss(x, y, layers, 2 * l2), "no longer l2 / 2 Σ W²"),
        (lambda x, y, layers, l2: right_loss(x, y, layers, l2) + 1, "instead of"),
        (lambda x, y, layers, l2: right_loss(x, y[:-1], layers, l2), "your function stopped"),
    ],
}  # fmt: skip
