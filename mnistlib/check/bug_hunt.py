"""Spoilers: the checks of the bug hunt."""

import itertools
import tracemalloc

import numpy as np

from mnistlib.check.lesson07 import stable_softmax
from mnistlib.check.verdict import Wrong, agrees, exercise, expect, expect_shape, number_of, parts_of


@exercise
def bug_hunt(function):
    """bug_hunt(x (N, n_in), labels (N,), layers [(W, b), …], l2) -> [(dW, db), …], the slopes of the loss.

    The loss is that of notebook 07: ReLU, softmax, mean cross-entropy, and l2/2 Σ W². What is wrong is named
    by its symptom. First come hidden layers of one size, with which an index may point to the wrong one
    without an error; when nothing is left there, other sizes and depths.
    """
    case = _case((6, 5, 5, 5, 3), 7, seed=0)
    found, with_price = (_slopes(function(*case, l2), case[2]) for l2 in (0.0, 0.5))
    left = _symptoms(found, *case) or _somewhere(found, *case)
    _expect_price(found, with_price, case[2])
    _expect_no_faults(len(left), left)
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


def _deltas(x, labels, layers, relu_slopes=None):
    """One delta for each layer; relu_slopes: what the errors into each hidden layer are multiplied by."""
    *hidden, z = _activations(x, layers)[1:]
    slopes = relu_slopes or [a > 0 for a in hidden]
    deltas = [(stable_softmax(z) - np.eye(z.shape[1])[labels]) / len(x)]
    for (W, _), slope in zip(layers[:0:-1], slopes[::-1], strict=True):
        deltas.insert(0, deltas[0] @ W.T * slope)
    return deltas


def _slopes(answer, layers):
    """The learner's [(dW, db), …] as arrays; Wrong, unless there is a pair for each layer that fits it."""
    if not isinstance(answer, tuple | list) or len(answer) != len(layers):
        raise Wrong(f"return a list with a pair (dW, db) for each of the {len(layers)} layers")
    pairs = []
    for pair, (W, b) in zip(answer, layers, strict=True):
        dW, db = parts_of(pair, ("a dW", "a db"), "return a pair (dW, db) for each layer")
        expect_shape(dW, W.shape, ": slopes of weights have the shape of W")
        if db.shape != b.shape:
            raise Wrong(
                f"the slopes of a layer's {len(b)} biases have shape {db.shape}, not {b.shape}: "
                "the examples lie along axis 0"
            )
        pairs.append((dW, db))
    return pairs


def _symptoms(found, x, labels, layers):
    """What is wrong with the last layer's biases, with its weights, and with the error that comes back."""
    (first, _), *_, (dW, db) = found
    n, a, delta = len(x), _activations(x, layers)[-2], _deltas(x, labels, layers)[-1]
    undivided = None
    # A natural repair of the first fault: the mean of the biases stays, the other division goes. The last
    # layer's weights tell, fed zeros and ones or not; all is judged then as if delta had been divided.
    if any(agrees(dW, n * (fed.T @ delta)) for fed in (a, a > 0)):
        where = f"delta is no longer divided by the number of examples ({n} here)"
        undivided = f"{where}, and the slopes of the weights need that"
        first, dW, db = first / n, dW / n, db / n if agrees(db, n * delta.sum(axis=0)) else db
    symptoms = [
        undivided,
        _words(db, _of_biases(db, delta)),
        _words(dW, _of_weights(dW, x, layers, delta)),
        _words(first, _of_first_weights(first, x, labels, layers)),
    ]
    return [symptom for symptom in symptoms if symptom]


def _words(found, mistakes):
    """The words of the first of the mistakes, pairs (slopes, words), that was found."""
    return next(words for slopes, words in mistakes if agrees(found, slopes))


def _of_biases(db, delta):
    """Symptoms of the last layer's biases, whose slopes are made of its delta and of nothing else."""
    n, right, where = len(delta), delta.sum(axis=0), "the slopes of the biases"
    return [
        (right, None),
        (right / n, f"{where} are too small by a factor of the number of examples, {n} here"),
        (right * n, f"{where} are too large by a factor of the number of examples, {n} here"),
        (-right, f"{where} have the wrong sign"),
        (right * 8 / n, f"{where} are right for 8 examples only ({n} here)"),  # the page's small network
        (right * 100 / n, f"{where} are right for 100 examples only ({n} here)"),  # its minibatches
        (db, "the slopes of the last layer's biases are not the measured ones"),
    ]


def _of_weights(dW, x, layers, delta):
    """Symptoms of the last layer's weights: its delta, and what the layer was fed."""
    *_, before, a, _ = _activations(x, layers)
    n, where = len(x), "the slopes of the last layer's weights are wrong, although its delta is right"
    return [
        (a.T @ delta, None),
        ((a > 0).T @ delta, f"{where}: as if each neuron before it had put out exactly 0 or 1"),
        (a.T @ delta / n, f"{where}: they are too small by a factor of the number of examples, {n} here"),
        (-a.T @ delta, f"{where}: they have the right size but the wrong sign"),
        (before.T @ delta, f"{where}: as if the layer had been fed what goes into the layer before it"),
        (dW, where),
    ]


def _of_first_weights(dW, x, labels, layers):
    """Symptoms of what the errors are multiplied by on their way back to the first layer's weights."""
    hidden = _activations(x, layers)[1:-1]
    on = [a > 0 for a in hidden]
    other_layer = ": it comes back through the neurons of another layer"
    mistakes = [
        (on[-1:] + on[:-1], other_layer),
        (on[::-1], other_layer),
        ([1, 1, 1], ": although ReLU put out 0 there, some flows back through neurons that are off"),
        ([a <= 0 for a in hidden], ": it flows back through the neurons that are off, and no others"),
        ([a * (1 - a) for a in hidden], ": it is multiplied by a slope that belongs to the sigmoid"),
        (hidden, ": where ReLU is on, its slope is 1, and not what it put out"),
        (hidden[-1:] + hidden[:-1], ": it is multiplied by what another layer put out"),
        ([0, 0, 0], ": nothing flows back any more"),
    ]
    where = "the error that reaches the first layer is wrong"
    return [
        (x.T @ _deltas(x, labels, layers)[0], None),
        *((x.T @ _deltas(x, labels, layers, slopes)[0], where + words) for slopes, words in mistakes),
        (dW, f"{where}, in a network of {len(layers)} layers"),  # the page's has 3, its table may be right
    ]


def _somewhere(found, x, labels, layers):
    """When the ends are right: the layers and biases in between."""
    parts = zip(found, _activations(x, layers), _deltas(x, labels, layers), strict=False)
    for number, ((dW, db), a, delta) in enumerate(parts, 1):
        for slopes, right, kind in ((dW, a.T @ delta, "weights"), (db, delta.sum(axis=0), "biases")):
            if not agrees(slopes, right):
                return [f"the slopes of layer {number}'s {kind} are not the measured ones"]
    return []


def _expect_price(found, with_price, layers, l2=0.5):
    """What switching L2 on changes must be l2 times the weights, and nothing for the biases."""
    (W, _), (before, free), (after, biases) = map(_flat, (layers, found, with_price))
    where = "this was right before: switching L2 on"
    expect(biases, free, [], f"{where} changes the slopes of the biases, which go free")
    mistakes = [
        (0 * W, f"{where} changes nothing any more: large weights have no price at all"),
        (l2 * before, f"{where} changes the slopes, but a large weight pays no more than a small one"),
        (-l2 * W, f"{where} rewards large weights: the wrong sign"),
        (2 * l2 * W, f"{where} costs twice too much: the ½ in ½ λ W² cancels the 2 of its slope"),
    ]
    expect(after - before, l2 * W, mistakes, f"{where} changes the slopes by something else than λ W")


def _flat(pairs):
    """All weights of a network, or their slopes, in one array, and all biases."""
    return [np.concatenate([array.ravel() for array in arrays]) for arrays in zip(*pairs, strict=True)]


def _expect_no_faults(count, symptoms=()):
    if count:
        raise Wrong("1 fault is left" if count == 1 else f"{count} faults are left", *symptoms)


def _other_sizes(function):
    """Wrong, unless the repairs hold where the layers have different sizes, and more or fewer of them."""
    for sizes, n in (((6, 5, 4, 3), 9), ((5, 3), 4), ((3, 4, 5, 6, 7, 8), 1)):
        case = _case(sizes, n, seed=len(sizes))
        name = "-".join(map(str, sizes))
        try:
            found = _slopes(function(*case, 0.0), case[2])
        except Wrong as wrong:
            words, *more = wrong.args
            words = f"right for hidden layers of equal size, but not for {name}: {words}"
            raise Wrong(words, *more) from None
        if _somewhere(found, *case):
            raise Wrong(
                f"right for a small network with hidden layers of equal size, but not for {name} and "
                f"{n} examples: does a number in your repair belong to one network only?"
            )


# ---- the second round -------------------------------------------------------------------------------------


@exercise
def loss_hunt(function):
    """loss_hunt(x (N, n_in), labels (N,), layers [(W, b), …], l2) -> mean cross-entropy plus l2/2 Σ W².

    Without hints: it counts the faults that are left. In words it says only what was right before, and what
    is a repair of the wrong kind.
    """
    x, labels, layers = _case((6, 5, 4, 3), 100, seed=8)
    answer = number_of(function(x, labels, layers, 0.0), ": the loss of all images together")
    _expect_plain_loss(answer, _loss(x, labels, layers, 0.0))
    if _differs(function, x, labels, [(W, 0 * b) for W, b in layers], 0.5):
        raise Wrong("this was right before: without biases, the price is no longer l2 / 2 Σ W²")
    if _takes_large_arrays(function):
        raise Wrong(
            "this was right before: too many images go through the network at once now, "
            "and that takes large arrays"
        )
    charges_biases = _differs(function, x, labels, layers, 0.5)
    _expect_no_faults(_counts_unevenly(function) + _cannot_be_confidently_wrong(function) + charges_biases)


def _loss(x, labels, layers, l2):
    z = _activations(x, layers)[-1]
    data = np.logaddexp.reduce(z, axis=1) - z[np.arange(len(z)), labels]
    return data.mean() + 0.5 * l2 * sum((W**2).sum() for W, _ in layers)


def _differs(function, *case):
    return not agrees(number_of(function(*case)), _loss(*case))


def _expect_plain_loss(answer, right):
    where = "this was right before: of 100 images, without L2, the loss"
    mistakes = [
        (-right, f"{where} has the wrong sign now"),
        (right * 100, f"{where} is a sum now, not a mean"),
        (right / 100, f"{where} is divided by the number of images twice now"),
        (right / np.log(2), f"{where} has a logarithm of another base now"),
        (right / np.log(10), f"{where} has a logarithm of another base now"),
    ]
    expect(answer, right, mistakes, f"{where} is {answer:.4g} now instead of {right:.4g}")


def _takes_large_arrays(function, n=5000, width=200):
    """True, if it held more memory at one time than a hidden layer's answers to half of all images take.

    Without this, the page's own `loss` would be right, and no fault found.
    """
    layers = [(np.zeros((6, width)), np.zeros(width)), (np.zeros((width, 3)), np.zeros(3))]
    x, labels = np.zeros((n, 6)), np.zeros(n, int)
    tracemalloc.start()
    try:
        function(x, labels, layers, 0.0)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return peak > n * width * x.itemsize / 2


def _counts_unevenly(function):
    """True, unless each of N images counts alike, whatever N is."""
    for n in (1, 99, 101, 250):
        x, labels, layers = _case((6, 5, 4, 3), n, seed=n)
        x[-(n % 100) :] *= 3  # the last images are different from the others
        answer, whole = number_of(function(x, labels, layers, 0.0)), n - n % 100
        if whole and agrees(answer, _loss(x[:whole], labels[:whole], layers, 0.0)):
            raise Wrong("not so: now the last images, those that fill no whole hundred, don't count at all")
        if not agrees(answer, _loss(x, labels, layers, 0.0)):
            return True
    return False


def _cannot_be_confidently_wrong(function):
    """True, unless a network that is confidently wrong pays the difference of its scores, and no less."""
    # 100 images, so that a mean of means is right here and the logarithm alone is judged.
    case = np.resize(1e5 * np.eye(3), (100, 3)), np.resize([1, 2, 2], 100), [(np.eye(3), np.zeros(3))], 0.0
    try:
        with np.errstate(all="ignore"):
            answer = number_of(function(*case))
    except Wrong:
        return True
    if answer < _loss(*case) and not agrees(answer, _loss(*case)):
        raise Wrong(
            "not so: a network that is confidently wrong pays a finite price now, but not the true one. "
            "The logarithm of 0 is hidden, and still there"
        )
    return not agrees(answer, _loss(*case))
