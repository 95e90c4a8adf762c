"""A fully connected network: layers, forward pass, loss, gradients, prediction, saving and loading.

Built in notebooks 03 (forward), 05 (gradients of a batch) and 07 (softmax, cross-entropy, L2). Rows are
examples: a batch of N inputs is an array of shape (N, n_in), a layer's weights W have shape (n_in, n_out) and
its biases b shape (n_out,), so that ``x @ W + b`` serves one image, (n_in,), and a batch, (N, n_in), with the
same line.
"""

import contextlib
import copy
import math
import operator
import os
from collections.abc import Sequence
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from mnistlib.plumbing.fast import Inputs, Workspace
from mnistlib.plumbing.files import atomic_write

Layer = tuple[np.ndarray, np.ndarray]  # W (n_in, n_out) and b (n_out,)

PRETRAINED = Path(__file__).parent / "pretrained"

LARGEST = 1e9  # no brightness of a pixel; much larger floats overflow on their way through the layers
MOST_LAYERS = 1_000


# ---- the functions inside a layer -------------------------------------------------------------------------


def sigmoid(z: np.ndarray | float) -> np.ndarray:
    """1 / (1 + exp(−z)), element by element; any shape, any finite z. Built in notebook 03.

    ``exp`` overflows for large arguments, so it is only ever given −|z|, which is never positive. For z < 0
    the fraction is rewritten as exp(z) / (1 + exp(z)), which is the same number.
    """
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1.0 + e)


def relu(z: np.ndarray | float) -> np.ndarray:
    """max(z, 0), element by element; any shape. Built in notebook 03."""
    return np.maximum(z, 0.0)


def softmax(z: np.ndarray) -> np.ndarray:
    """Turn scores (..., n) into probabilities (..., n) that are positive and add up to 1 along the last axis.

    Subtracting the largest score changes nothing (the factor exp(−max) cancels in the fraction) and keeps
    ``exp`` from overflowing: its largest argument is 0. Built in notebook 07.
    """
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def cross_entropy(z: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return −log softmax(z)[label] for each row of the scores z (N, n) and its label (N,): shape (N,).

    It is worked out as log Σ exp(z) − z[label] ("log-sum-exp"), never as the logarithm of a probability:
    a probability that was rounded to 0 would have the logarithm −∞. Built in notebook 07.
    """
    shifted = z - z.max(axis=-1, keepdims=True)  # (N, n), largest entry of each row is 0
    log_sum = np.log(np.exp(shifted).sum(axis=-1))  # (N,)
    return log_sum - shifted[np.arange(len(z)), labels]


# ---- the network ------------------------------------------------------------------------------------------


class Network:
    """A fully connected network that sorts inputs into classes.

    Parameters
    ----------
    sizes : units in each layer, from the inputs to the classes: (784, 128, 10) has one hidden layer
    activation : "relu" or "sigmoid", what each hidden layer applies to ``x @ W + b``
    output : "softmax" or "sigmoid", what the last layer applies, and with it the loss: softmax goes with the
        cross-entropy, sigmoid with half the sum of squared errors
    seed : of the initial weights: the same seed gives the same weights
    dtype : float32, or float64, which takes twice the time and is there for checking gradients

    Initial weights are normal with mean 0 and variance 1/n_in, or 2/n_in in front of a ReLU, which sets half
    of what reaches it to zero (He, Zhang, Ren and Sun 2015, "Delving deep into rectifiers"). Biases start
    at zero.

    Images may be uint8, (N, 28, 28), (28, 28) or (N, 784), with ink from 0 to 255, or floats of the same
    shapes, which are taken as they are: scale yours to 0..1. A network whose first size is not 784 takes
    (N, sizes[0]), or square images when sizes[0] is a square. Labels are integers of shape (N,).

    Attributes: ``sizes`` (tuple), ``activation``, ``output``, ``dtype``, and ``flat``, the 1-D array of all
    parameters. Raises ValueError for sizes, names or dtypes that make no sense; so does every method for
    images or labels (TypeError for their dtype), saying what it expected.
    """

    DESCRIPTION = ("sizes", "activation", "output")  # what a file says beside the parameters: see __init__

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str = "relu",
        output: str = "softmax",
        *,
        seed: int | None = 0,
        dtype: DTypeLike = np.float32,
    ):
        self.sizes = _checked_sizes(sizes)
        self.activation = _checked_choice("activation", activation, ("relu", "sigmoid"))
        self.output = _checked_choice("output", output, ("softmax", "sigmoid"))
        self._make_parameters(self._layer_shapes(self.sizes), seed, dtype)

    def _make_parameters(self, shapes, seed, dtype):
        """Make ``flat``, with weights of these shapes drawn at random and biases of zero."""
        self.shapes, self.dtype = shapes, _checked_dtype(dtype)
        self.flat = np.zeros(sum(n_in * n_out + n_out for n_in, n_out in shapes), self.dtype)
        rng = np.random.default_rng(seed)
        layers = self.parameters
        for number, (W, _) in enumerate(layers, start=1):
            feeds_relu = self.activation == "relu" and number < len(layers)
            variance = (2 if feeds_relu else 1) / len(W)  # len(W) is n_in
            W[...] = rng.standard_normal(W.shape) * math.sqrt(variance)

    @staticmethod
    def _layer_shapes(sizes, activation=None, output=None):
        """The shape (n_in, n_out) of each layer's weights, from what a file says about the network."""
        return list(pairwise(_checked_sizes(sizes)))

    @property
    def parameters(self) -> list[Layer]:
        """The layers' weights and biases, [(W, b), ...]: the arrays themselves, not copies."""
        return self.split(self.flat)

    @property
    def dense(self) -> list[Layer]:
        """Those of ``parameters`` that belong to fully connected layers: here all."""
        return self.parameters

    def __repr__(self) -> str:
        return f"Network({'-'.join(map(str, self.sizes))}, {self.activation}, {self.output})"

    def copy(self) -> Self:
        """Return a second network with the same parameters, which then go their own way."""
        return copy.deepcopy(self)

    # -- forward ------------------------------------------------------------------------------------------

    def _layers(self, x):
        """The one forward pass that everything else uses.

        x: rows (N, n_in), or one input (n_in,). Returns [x, hidden, ..., scores], one array per entry of
        ``sizes``; the scores are what the last layer has before its output function.
        """
        activate = relu if self.activation == "relu" else sigmoid
        layers = [x]
        *hidden, (W_last, b_last) = self.dense
        for W, b in hidden:
            layers.append(activate(layers[-1] @ W + b))  # (N, n_in) @ (n_in, n_out) + (n_out,)
        return [*layers, layers[-1] @ W_last + b_last]

    def _output(self, scores):
        return softmax(scores) if self.output == "softmax" else sigmoid(scores)

    def forward(self, x: ArrayLike) -> np.ndarray:
        """Return the network's outputs: (N, n_out), or (n_out,) for one image."""
        return self._output(self._layers(self.inputs(x))[-1])

    def activations(self, x: ArrayLike) -> list[np.ndarray]:
        """Return what every layer holds: [inputs (N, n_in), hidden (N, n), ..., outputs (N, n_out)].

        One image counts as a batch of one.
        """
        layers = self._layers(np.atleast_2d(self.inputs(x)))
        return [*layers[:-1], self._output(layers[-1])]

    def probabilities(self, images: ArrayLike) -> np.ndarray:
        """Return the probability of each class: (N, n_out), or (n_out,) for one image; each row adds up to 1.

        The outputs of a softmax network are probabilities. Those of a sigmoid network are n_out separate
        numbers between 0 and 1; they are divided by their sum.
        """
        outputs = self._output(self._scores(images))
        if self.output == "sigmoid":
            outputs = outputs + np.finfo(self.dtype).tiny  # ten outputs of exactly 0: then all alike, not 0/0
            outputs = outputs / outputs.sum(axis=-1, keepdims=True)
        return outputs

    def predict(self, images: ArrayLike) -> np.ndarray:
        """Return the most probable class of each image: integers (N,), or a single one for one image."""
        return self._scores(images).argmax(axis=-1)

    def _scores(self, images):
        """Scores (N, n_out), or (n_out,) for one image, worked out ``at_once`` images at a time."""
        images = np.asarray(images)
        if len(self.row_shape(images)) == 1:
            return self._layers(self.inputs(images))[-1]
        starts = range(0, len(images), self.at_once)
        parts = (self.inputs(images[start : start + self.at_once]) for start in starts)
        return np.concatenate([self._layers(part)[-1] for part in parts])

    # -- loss and gradients -------------------------------------------------------------------------------

    def loss(self, images: ArrayLike, labels: ArrayLike, l2: float = 0.0) -> float:
        """Return the mean loss over the examples, plus l2/2 · Σ W² over all weights (not the biases).

        An example's loss is the cross-entropy −log p[label] (softmax), or ½ Σ (a − y)² over the outputs
        (sigmoid), where y is 1 at the label and 0 elsewhere.
        """
        scores = np.atleast_2d(self._scores(images))
        labels = self.checked_labels(labels, len(scores))
        return self._loss(scores, labels, l2)

    def evaluate(self, images: ArrayLike, labels: ArrayLike) -> tuple[float, float]:
        """Return (loss, accuracy), the mean loss and the fraction read right, 0 to 1, from a single pass."""
        scores = np.atleast_2d(self._scores(images))
        labels = self.checked_labels(labels, len(scores))
        return self._loss(scores, labels, l2=0.0), float(np.mean(scores.argmax(axis=1) == labels))

    def gradients(self, images: ArrayLike, labels: ArrayLike, l2: float = 0.0) -> tuple[float, list[Layer]]:
        """Return (loss, [(dW, db), ...]): the loss and its derivative by every weight and bias.

        dW has the shape of W, db that of b; the arrays are fresh. All images are worked on at once: for a
        large set, ``train`` walks through them in pieces.
        """
        *layers, scores = self._layers(np.atleast_2d(self.inputs(images)))
        n = len(scores)
        labels = self.checked_labels(labels, n)
        outputs = self._output(scores)

        # delta is the derivative of the loss by what the layer's function was applied to, (N, n_out).
        # For softmax with cross-entropy, all of it cancels but p − y; a sigmoid contributes a · (1 − a).
        delta = outputs.copy()
        delta[np.arange(n), labels] -= 1.0
        if self.output == "sigmoid":
            delta *= outputs * (1.0 - outputs)
        delta /= n  # the loss is a mean
        return self._loss(scores, labels, l2), self._backward(layers, delta, l2)[0]

    def _backward(self, layers, delta, l2):
        """Return [(dW, db), ...] from what the layers hold below the scores, and from the scores' delta.

        And the delta of the first layer, for a network that goes on below it.
        """
        gradients = []
        for (W, _), x in zip(reversed(self.dense), reversed(layers), strict=True):
            dW = x.T @ delta + l2 * W  # (n_in, N) @ (N, n_out) sums over the examples
            db = delta.sum(axis=0)  # (n_out,)
            gradients.insert(0, (dW, db))
            if x is not layers[0]:
                delta = (delta @ W.T) * self._slope(x)  # (N, n_out) @ (n_out, n_in)
        return gradients, delta

    def _slope(self, a):
        """The derivative of the hidden layers' activation, from the activated values a (any shape)."""
        if self.activation == "relu":
            return (a > 0).astype(a.dtype)
        return a * (1.0 - a)

    def _loss(self, scores, labels, l2):
        if self.output == "softmax":
            losses = cross_entropy(scores, labels)
        else:
            errors = sigmoid(scores)
            errors[np.arange(len(scores)), labels] -= 1.0
            losses = 0.5 * (errors**2).sum(axis=1)
        loss = losses.mean(dtype=np.float64)
        if l2:
            loss += 0.5 * l2 * sum(np.sum(W**2, dtype=np.float64) for W, _ in self.parameters)
        return float(loss)

    # -- what goes in -------------------------------------------------------------------------------------

    def inputs(self, images: ArrayLike) -> np.ndarray:
        """Flatten images to rows and scale them: the one place where this happens.

        Returns floats of the network's dtype, (N, n_in), or (n_in,) for one image; uint8 is divided by 255.
        """
        images = np.asarray(images)
        rows = images.reshape(self.row_shape(images))
        if rows.dtype == np.uint8:
            return np.divide(rows, 255.0, dtype=self.dtype)
        check_floats(rows)
        return rows.astype(self.dtype, copy=False)

    def row_shape(self, images: np.ndarray) -> tuple[int, ...]:
        """The images' shape as rows, (N, n_in) or (n_in,); errors for shapes and dtypes that do not fit."""
        n_in, side = self.sizes[0], math.isqrt(self.sizes[0])
        if images.dtype != np.uint8 and images.dtype.kind != "f":
            raise TypeError(f"images have dtype {images.dtype}: pass uint8 (0 to 255) or floats from 0 to 1")
        if images.shape[-1:] == (n_in,) and images.ndim <= 2:
            shape = images.shape
        elif side * side == n_in and images.shape[-2:] == (side, side) and images.ndim <= 3:
            shape = (*images.shape[:-2], n_in)
        else:
            expected = f"(N, {n_in}) or ({n_in},)"
            if side * side == n_in:
                expected = f"(N, {side}, {side}), ({side}, {side}), {expected}"
            raise ValueError(f"images have shape {images.shape}: {self} expects {expected}")
        if len(images) == 0:
            raise ValueError(f"no images: their shape is {images.shape}")
        return shape

    def checked_labels(self, labels: ArrayLike, n: int) -> np.ndarray:
        """Return the labels, or a single label for one image, as an integer array (n,); errors as above."""
        labels = np.asarray(labels)
        classes = self.sizes[-1]
        if labels.ndim == 0 and n == 1:
            labels = labels.reshape(1)
        if labels.shape != (n,):
            one_hot = labels.shape == (n, classes)
            hint = "; for one-hot rows pass labels.argmax(axis=1)" if one_hot else ""
            raise ValueError(f"labels have shape {labels.shape}, expected ({n},), one per image{hint}")
        if labels.dtype.kind not in "iu":
            raise TypeError(f"labels have dtype {labels.dtype}: expected integers, the classes' numbers")
        if labels.min() < 0 or labels.max() >= classes:
            raise ValueError(
                f"labels run from {labels.min()} to {labels.max()}: {self} has the classes 0 to {classes - 1}"
            )
        return labels

    # -- for train ----------------------------------------------------------------------------------------
    #
    # What `train` needs of a network of any kind: `flat`, `dtype`, `sizes[0]`, `row_shape`, `checked_labels`,
    # `loss` and `predict`, and this.

    at_once = 500  # larger sets are walked in pieces of so many images, whose arrays stay in the cache

    def split(self, flat: np.ndarray) -> list[Layer]:
        """Cut a vector laid out like ``flat`` into [(W, b), ...] without copying: the arrays are views of it.

        So a training step updates the whole network in one line.
        """
        layers, start = [], 0
        for n_in, n_out in self.shapes:
            middle = start + n_in * n_out
            end = middle + n_out
            layers.append((flat[start:middle].reshape(n_in, n_out), flat[middle:end]))
            start = end
        return layers

    def workspace(self, size: int, image_dtype: np.dtype) -> Inputs:
        """Return the arrays in which the gradient of ``size`` images, stored as image_dtype, is worked out.

        They are used by ``take``, ``forward``, ``loss`` and ``backward``, in this order.
        """
        return Workspace(self, size, image_dtype)

    # -- files --------------------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike, *, dtype: DTypeLike | None = None) -> None:
        """Write the network to ``path`` as an .npz file: sizes, activation, output, W1, b1, W2, b2, ...

        ``dtype=np.float16`` halves the file; the weights are then rounded to about three digits. Without it,
        loading gives back exactly the same parameters. ``path`` never holds half a network. Raises ValueError
        when a parameter is not finite.
        """
        flat = self.flat
        if dtype is not None:
            with np.errstate(over="ignore"):  # too large for float16: becomes infinite, refused below
                flat = flat.astype(_checked_dtype(dtype, allowed=("float16", "float32", "float64")))
        if not np.isfinite(flat).all():
            raise ValueError(f"{self} is not saved: some of its parameters are NaN or infinite")
        arrays: dict[str, Any] = {name: np.array(getattr(self, name)) for name in self.DESCRIPTION}
        for number, (W, b) in enumerate(self.split(flat), start=1):
            arrays[f"W{number}"], arrays[f"b{number}"] = W, b

        with atomic_write(path) as file:
            np.savez(file, **arrays)

    @classmethod
    def load(cls, path: str | os.PathLike) -> "Network":
        """Read a network that ``save`` wrote, of whatever kind it is.

        The network computes in float64 if the file holds float64, else in float32 (so also for float16).
        Raises ValueError, naming the file, for anything but a whole and finite network, and OSError if
        the file cannot be read. A file is never able to run code: pickles are refused.
        """
        try:
            arrays = _read_npz(path)
            kinds: list[type[Network]] = [Network, *Network.__subclasses__()]
            kind = next((kind for kind in kinds if kind.DESCRIPTION[0] in arrays), Network)
            return kind._from_arrays(arrays)
        except ValueError as error:
            raise ValueError(f"{path} does not hold a network: {error}") from error

    @classmethod
    def _from_arrays(cls, arrays):
        try:
            description = {name: arrays.pop(name).tolist() for name in cls.DESCRIPTION}
        except KeyError as error:
            raise ValueError(f"the array {error} is missing") from None

        expected = {}  # known before anything is made: a file that claims to be huge is refused
        for number, (n_in, n_out) in enumerate(cls._layer_shapes(**description), start=1):
            expected[f"W{number}"], expected[f"b{number}"] = (n_in, n_out), (n_out,)
        missing, extra = sorted(expected.keys() - arrays.keys()), sorted(arrays.keys() - expected.keys())
        if missing or extra:
            raise ValueError(f"missing arrays {missing}, unexpected arrays {extra}")
        for name, shape in expected.items():
            if arrays[name].shape != shape:
                raise ValueError(f"{name} has shape {arrays[name].shape}, expected {shape}")
            if arrays[name].dtype not in (np.float16, np.float32, np.float64):
                raise ValueError(f"{name} has dtype {arrays[name].dtype}, expected floats")
            if not np.isfinite(arrays[name]).all():
                raise ValueError(f"{name} contains NaN or infinity")

        dtype = np.result_type(np.float32, *arrays.values())
        network = cls(**description, dtype=dtype)
        for number, (W, b) in enumerate(network.parameters, start=1):
            W[...], b[...] = arrays[f"W{number}"], arrays[f"b{number}"]
        return network


def pretrained(name: str = "digits") -> Network:
    """Return a network that comes with the package, freshly loaded.

    "digits"       784-400-400-10, has learned from MNIST and from digits written with a pen on a tablet: the
                   one for drawn digits
    "beyond-99"    784-800-800-10, has learned from MNIST alone: the one of notebook 08
    "convolution"  a ConvNetwork with 32 and 64 filters, has learned from MNIST alone: the one of notebook 10

    mnistlib/pretrained/MODEL_CARD.md tells how "digits" was trained, what it reads and where it fails. The
    programs scripts/train_….py train them again.

    Raises ValueError for any other name.
    """
    names = sorted(path.stem for path in PRETRAINED.glob("*.npz"))
    if name not in names:
        raise ValueError(f"there is no network {name!r}; there are {', '.join(map(repr, names))}")
    return Network.load(PRETRAINED / f"{name}.npz")


def _read_npz(path):
    """Read every array of an .npz file; ValueError for anything that is not one."""
    with open(path, "rb") as file:
        if file.read(4) != b"PK\x03\x04":  # the start of a zip archive, which is what an .npz is
            raise ValueError("it is not an .npz file, and no other kind is read (a pickle could run code)")
        file.seek(0)
        try:
            arrays = dict(np.load(file, allow_pickle=False))
        except ValueError:  # numpy says what it is that it refuses
            raise
        except Exception as error:  # zip archives know many ways of being damaged
            raise ValueError(f"the file is damaged ({error or type(error).__name__})") from error
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise ValueError(f"{name} is not an array")
    return arrays


# ---- checks -----------------------------------------------------------------------------------------------


def check_floats(images: np.ndarray) -> None:
    """Raise ValueError for floats that are no brightness: NaN, infinite, or so large that they overflow."""
    low, high = float(images.min()), float(images.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError("the images contain NaN or infinity: every value must be a finite number")
    if max(-low, high) > LARGEST:
        raise ValueError(f"the images' values run from {low:.3g} to {high:.3g}: scale them to 0..1")


def checked_counts(name: str, counts: Sequence[int], example: str) -> tuple[int, ...]:
    """The counts as a tuple, or ValueError unless they are whole numbers from 1 up, and not too many."""
    try:
        checked = tuple(operator.index(count) for count in islice(counts, MOST_LAYERS + 1))
    except TypeError:
        checked = (0,)  # refused below
    if len(checked) > MOST_LAYERS:
        raise ValueError(f"{name} names more than {MOST_LAYERS:,} layers")
    if min(checked, default=1) < 1:
        raise ValueError(f"{name} must be whole numbers from 1 up, such as {example}, not {counts!r}")
    return checked


def checked_count(name: str, value: int) -> int:
    """The value, or ValueError unless it is a whole number from 1 up."""
    try:
        count = operator.index(value)
    except TypeError:
        count = 0  # refused below
    if count < 1:
        raise ValueError(f"{name} must be a whole number from 1 up, not {value!r}")
    return count


def _checked_sizes(sizes):
    checked = checked_counts("sizes", sizes, "(784, 128, 10)")
    if len(checked) < 2 or checked[-1] < 2:
        raise ValueError(
            f"sizes must name at least an input and an output layer, the last with two units or more, such "
            f"as (784, 128, 10); not {checked}"
        )
    return checked


def _checked_choice(what, value, allowed):
    if value not in allowed:
        raise ValueError(f"{what} must be one of {', '.join(map(repr, allowed))}, not {value!r}")
    return value


def _checked_dtype(dtype, allowed=("float32", "float64")):
    with contextlib.suppress(TypeError):
        if np.dtype(dtype).name in allowed:
            return np.dtype(dtype)
    raise ValueError(f"dtype must be {' or '.join(allowed)}, not {dtype!r}")
