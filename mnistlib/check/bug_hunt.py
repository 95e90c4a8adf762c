"""Spoilers: the checks of the bug hunt."""

import itertools
import tracemalloc

import numpy as np

from mnistlib.check.lesson07 import stable_softmax
from mnistlib.check.verdict import Wrong, agrees, array_of, exercise, expect_shape, number_of


@exercise
def bug_hunt(function):
    """bug_hunt(x (N, n_in), labels (N,), layers [(W, b), …], l2) -> [(dW, db), …], the slopes of the loss.

    The loss is that of notebook 07: ReLU, softmax, mean cross-entropy, and l2/2 Σ W². What is wrong is named
    by its symptom. First come hidden layers of one size, with which an index may point to the wrong one
    without an error; when nothing is left there, other sizes and depths.
    """
    x, labels, layers = _case((6, 5, 5, 5, 3), 7, seed=0)
    found = _slopes(function(x, labels, layers, 0.0), layers)
    with_price = _slopes(function(x, labels, layers, 0.5), layers)
    seen, undivided = _as_if_divided(found, x, labels, layers)
    symptoms = [
        undivided,
        _bias_symptom(seen, x, labels, layers),
        _input_symptom(seen, x, labels, layers),
        _error_symptom(seen, x, labels, layers),
    ]
    left = [symptom for symptom in symptoms if symptom]
    if not left:
        left = _somewhere(found, x, labels, layers)
    price = _price_symptom(found, with_price, layers)
    if price:
        raise Wrong(f"this was right before: {price}")
    if left:
        raise Wrong("1 fault is left" if len(left) == 1 else f"{len(left)} faults are left", *left)
    _other_sizes(function)


def _case(sizes, n, seed):
    """x (n, n_in), labels (n,) and the layers of a network of such sizes."""
    rng = np.random.default_rng(seed)
    layers = [(rng.normal(size=(i, o)), rng.normal(size=o)) for i, o in itertools.pairwise(sizes)]
    return rng.normal(size=(n, sizes[0])), rng.integers(0, sizes[-1], n), layers


def _activations(x, layers):
    """[x, what each hidden layer puts out …, the scores]"""
    activations = [x]
    for W, b in layers[:-1]:
        activations.append(np.maximum(activations[-1] @ W + b, 0))
    W, b = layers[-1]
    return [*activations, activations[-1] @ W + b]


def _deltas(x, labels, layers, slope):
    """One delta for each layer; slope(hidden, k): what the errors into hidden layer k are multiplied by."""
    *hidden, z = _activations(x, layers)[1:]
    deltas = [(stable_softmax(z) - np.eye(z.shape[1])[labels]) / len(x)]
    for k in reversed(range(len(hidden))):
        deltas.insert(0, (deltas[0] @ layers[k + 1][0].T) * slope(hidden, k))
    return deltas


def _relu_slope(hidden, k):
    return hidden[k] > 0


def _slopes(answer, layers):
    """The learner's [(dW, db), …] as arrays; Wrong, unless there is a pair for each layer that fits it."""
    if not isinstance(answer, tuple | list) or len(answer) != len(layers):
        raise Wrong(f"return a list with a pair (dW, db) for each of the {len(layers)} layers")
    pairs = []
    for pair, (W, b) in zip(answer, layers, strict=True):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise Wrong("return a pair (dW, db) for each layer")
        dW, db = array_of(pair[0], "a dW"), array_of(pair[1], "a db")
        expect_shape(dW, W.shape, ": slopes of weights have the shape of W")
        if db.shape != b.shape:
            raise Wrong(
                f"the slopes of a layer's {len(b)} biases have shape {db.shape}, not {b.shape}: "
                "the examples lie along axis 0"
            )
        pairs.append((dW, db))
    return pairs


def _as_if_divided(found, x, labels, layers):
    """The slopes as they would be with delta divided by N, and a symptom if it is not.

    It is a natural repair of the first fault: the mean of the biases stays, the other division goes. The
    biases are right then, and the last layer's weights tell, fed zeros and ones or not.
    """
    n, a = len(x), _activations(x, layers)[-2]
    delta = _deltas(x, labels, layers, _relu_slope)[-1]
    if not any(agrees(found[-1][0], n * (fed.T @ delta)) for fed in (a, a > 0)):
        return found, None
    times = n if agrees(found[-1][1], n * delta.sum(axis=0)) else 1
    divided = [(dW / n, db / times) for dW, db in found]
    where = f"delta is no longer divided by the number of examples ({n} here)"
    return divided, f"{where}, and the slopes of the weights need that"


def _bias_symptom(found, x, labels, layers):
    """About the last layer's biases, whose slopes are made of its delta and of nothing else."""
    db, n = found[-1][1], len(x)
    right = _deltas(x, labels, layers, _relu_slope)[-1].sum(axis=0)
    if agrees(db, right):
        return None
    if agrees(db * n, right):
        return f"the slopes of the biases are too small by a factor of the number of examples, {n} here"
    if agrees(db, right * n):
        return f"the slopes of the biases are too large by a factor of the number of examples, {n} here"
    if agrees(db, -right):
        return "the slopes of the biases have the wrong sign"
    for other in (8, 100):  # the page's small network, and its minibatches
        if agrees(db * n, right * other):
            return f"the slopes of the biases are right for {other} examples only ({n} here)"
    return "the slopes of the last layer's biases are not the measured ones"


def _input_symptom(found, x, labels, layers):
    """About the last layer's weights: its delta, and what the layer was fed."""
    dW, n = found[-1][0], len(x)
    delta, a = _deltas(x, labels, layers, _relu_slope)[-1], _activations(x, layers)[-2]
    others = [
        (a, None),
        (a > 0, "as if each neuron before it had put out exactly 0 or 1"),
        (a / n, f"they are too small by a factor of the number of examples, {n} here"),
        (-a, "they have the right size but the wrong sign"),
        (_activations(x, layers)[-3], "as if the layer had been fed what goes into the layer before it"),
    ]
    where = "the slopes of the last layer's weights are wrong, although its delta is right"
    for fed, symptom in others:
        if fed.shape == a.shape and agrees(dW, fed.T @ delta):
            return symptom and f"{where}: {symptom}"
    return where


def _error_symptom(found, x, labels, layers):
    """About what the errors are multiplied by on their way back, seen in the first layer's weights."""
    others = [
        (_relu_slope, None),
        (lambda hidden, k: hidden[k - 1] > 0, "it comes back through the neurons of another layer"),
        (lambda hidden, k: hidden[::-1][k] > 0, "it comes back through the neurons of another layer"),
        (lambda hidden, k: 1, "although ReLU put out 0 there, some flows back through neurons that are off"),
        (lambda hidden, k: hidden[k] <= 0, "it flows back through the neurons that are off, and no others"),
        (
            lambda hidden, k: hidden[k] * (1 - hidden[k]),
            "it is multiplied by a slope that belongs to the sigmoid",
        ),
        (lambda hidden, k: hidden[k], "where ReLU is on, its slope is 1, and not what it put out"),
        (lambda hidden, k: hidden[k - 1], "it is multiplied by what another layer put out"),
        (lambda hidden, k: 0, "nothing flows back any more"),
    ]
    where = "the error that reaches the first layer is wrong"
    for slope, symptom in others:
        if agrees(found[0][0], x.T @ _deltas(x, labels, layers, slope)[0]):
            return symptom and f"{where}: {symptom}"
    return f"{where}, in a network of {len(layers)} layers"  # the page's has 3, and its table may be right


def _somewhere(found, x, labels, layers):
    """When the ends are right: the layers and biases in between."""
    deltas, inputs = _deltas(x, labels, layers, _relu_slope), _activations(x, layers)
    for number, ((dW, db), delta, a) in enumerate(zip(found, deltas, inputs, strict=False), 1):
        if not agrees(dW, a.T @ delta):
            return [f"the slopes of layer {number}'s weights are not the measured ones"]
        if not agrees(db, delta.sum(axis=0)):
            return [f"the slopes of layer {number}'s biases are not the measured ones"]
    return []


def _other_sizes(function):
    """Wrong, unless the repairs hold where the layers have different sizes, and more or fewer of them."""
    for sizes, n in (((6, 5, 4, 3), 9), ((5, 3), 4), ((3, 4, 5, 6, 7, 8), 1)):
        x, labels, layers = _case(sizes, n, seed=len(sizes))
        name = "-".join(map(str, sizes))
        try:
            found = _slopes(function(x, labels, layers, 0.0), layers)
        except Wrong as wrong:
            raise Wrong(
                f"right for hidden layers of equal size, but not for {name}: {wrong.args[0]}", *wrong.args[1:]
            ) from None
        if _somewhere(found, x, labels, layers):
            raise Wrong(
                f"right for a small network with hidden layers of equal size, but not for {name} and "
                f"{n} examples: does a number in your repair belong to one network only?"
            )


def _price_symptom(found, with_price, layers, l2=0.5):
    """What switching L2 on changes must be l2 times the weights, and nothing for the biases."""
    extra = [after - before for (after, _), (before, _) in zip(with_price, found, strict=True)]

    def is_times(factor, arrays):
        return all(agrees(e, factor * array) for e, array in zip(extra, arrays, strict=True))

    weights, slopes = [W for W, _ in layers], [dW for dW, _ in found]
    if not all(agrees(after, before) for (_, before), (_, after) in zip(found, with_price, strict=True)):
        return "switching L2 on changes the slopes of the biases, which go free"
    if is_times(l2, weights):
        return None
    if is_times(0, weights):
        return "switching L2 on changes nothing any more: large weights have no price at all"
    if is_times(l2, slopes):
        return "switching L2 on changes the slopes, but a large weight pays no more than a small one"
    if is_times(-l2, weights):
        return "switching L2 on rewards large weights: the wrong sign"
    if is_times(2 * l2, weights):
        return "switching L2 on costs twice too much: the ½ in ½ λ W² cancels the 2 of its slope"
    return "switching L2 on changes the slopes by something else than λ W"


# ---- the second round -------------------------------------------------------------------------------------


@exercise
def loss_hunt(function):
    """loss_hunt(x (N, n_in), labels (N,), layers [(W, b), …], l2) -> mean cross-entropy plus l2/2 Σ W².

    Without hints: it counts the faults that are left. In words it says only what was right before, and what
    is a repair of the wrong kind.
    """
    x, labels, layers = _case((6, 5, 4, 3), 100, seed=8)
    right = _loss(x, labels, layers, 0.0)
    free = [(W, 0 * b) for W, b in layers]
    answer = number_of(function(x, labels, layers, 0.0), ": the loss of all images together")
    if not agrees(answer, right):
        _name_wrong_loss(answer, right, len(x))
    answer = number_of(function(x, labels, free, 0.5))
    if not agrees(answer, _loss(x, labels, free, 0.5)):
        raise Wrong(
            "this was right before: without biases, the price is no longer l2 / 2 times all squared weights"
        )
    if _takes_large_arrays(function):
        raise Wrong(
            "this was right before: too many images go through the network at once now, "
            "and that takes large arrays"
        )
    faults = [_counts_unevenly(function), _cannot_be_confidently_wrong(function), _charges_biases(function)]
    if any(faults):
        raise Wrong("1 fault is left" if sum(faults) == 1 else f"{sum(faults)} faults are left")


def _loss(x, labels, layers, l2):
    z = _activations(x, layers)[-1]
    z = z - z.max(axis=1, keepdims=True)
    data = np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), labels]
    return data.mean() + 0.5 * l2 * sum((W**2).sum() for W, _ in layers)


def _name_wrong_loss(answer, right, n):
    where = "this was right before: of 100 images, without L2, the loss"
    if agrees(answer, -right):
        raise Wrong(f"{where} has the wrong sign now")
    if agrees(answer, right * n):
        raise Wrong(f"{where} is a sum now, not a mean")
    if agrees(answer, right / n):
        raise Wrong(f"{where} is divided by the number of images twice now")
    if agrees(answer, right / np.log(2)) or agrees(answer, right / np.log(10)):
        raise Wrong(f"{where} has a logarithm of another base now")
    raise Wrong(f"{where} is {answer:.4g} now instead of {right:.4g}")


def _takes_large_arrays(function, n=5000, width=200):
    """True, if it held more memory at one time than a hidden layer's answers to half of all images take.

    Without this, the page's own `loss` would be right, and no fault found.
    """
    layers = [(np.zeros((6, width)), np.zeros(width)), (np.zeros((width, 3)), np.zeros(3))]
    x, labels = np.zeros((n, 6)), np.zeros(n, int)
    traced = tracemalloc.is_tracing()
    if not traced:
        tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        function(x, labels, layers, 0.0)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        if not traced:
            tracemalloc.stop()
    return peak - before > n * width * x.itemsize / 2


def _counts_unevenly(function):
    """True, unless each of N images counts alike, whatever N is."""
    for n in (1, 99, 101, 250):
        x, labels, layers = _case((6, 5, 4, 3), n, seed=n)
        x[-(n % 100) :] *= 3  # the last images are different from the others
        answer, right = number_of(function(x, labels, layers, 0.0)), _loss(x, labels, layers, 0.0)
        if n > 100 and agrees(answer, _loss(x[: n - n % 100], labels[: n - n % 100], layers, 0.0)):
            raise Wrong("not so: now the last images, those that fill no whole hundred, don't count at all")
        if not agrees(answer, right):
            return True
    return False


def _cannot_be_confidently_wrong(function):
    """True, unless a network that is confidently wrong pays the difference of its scores, and no less."""
    # 100 images, so that a mean of means is right here and the logarithm alone is judged.
    x = np.resize(np.eye(3), (100, 3)) * 1e5
    layers = [(np.eye(3), np.zeros(3))]
    labels, right = np.resize([1, 2, 2], 100), 67 * 1e5 / 100
    with np.errstate(all="ignore"):
        try:
            answer = number_of(function(x, labels, layers, 0.0))
        except Wrong:
            return True
    if not agrees(answer, right) and answer < right:
        raise Wrong(
            "not so: a network that is confidently wrong pays a finite price now, but not the true one. "
            "The logarithm of 0 is hidden, and still there"
        )
    return not agrees(answer, right)


def _charges_biases(function):
    x, labels, layers = _case((6, 5, 4, 3), 100, seed=9)
    price = number_of(function(x, labels, layers, 0.5)) - number_of(function(x, labels, layers, 0.0))
    return not agrees(price, 0.25 * sum((W**2).sum() for W, _ in layers))
