"""Training: minibatch gradient descent with momentum. Built in notebooks 05 to 08.

Shuffle the images; then, for batch after batch: forward, loss, backward, step. That is all, and it stands in
``train`` and in ``_Descent``. The arrays that make it fast are in mnistlib/plumbing/fast.py.
"""

import contextlib
import functools
import math
import numbers
import time
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from mnistlib.network import Network, check_floats, checked_count
from mnistlib.plumbing.fast import SWEEP, sweep_out
from mnistlib.plumbing.progress import progress as progress_bar

DIVERGED = (
    "the training diverged: the loss is no longer a finite number. Try a learning rate three to ten times "
    "lower, or check that the pixels are scaled to 0..1."
)


class TrainingDiverged(FloatingPointError):
    """The loss stopped being a finite number. ``history`` holds the epochs that went well."""

    history = None


@dataclass(repr=False)
class History:
    """What happened in a training, epoch by epoch.

    loss : mean training loss over the epoch's batches, as seen while the weights were changing
        (without the L2 penalty, so that it compares with validation_loss)
    validation_loss, validation_accuracy : after the epoch; empty lists without validation data
    seconds : wall-clock time of the epoch, validation not included
    batch_loss : 1-D array, the mean loss of every batch, also of an epoch that was cut short
    interrupted : True if the training ended before its last epoch was through
    """

    loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    batch_loss: np.ndarray = field(default_factory=lambda: np.empty(0))
    interrupted: bool = False

    def __repr__(self) -> str:
        parts = [f"{len(self.loss)} epoch{'s' * (len(self.loss) != 1)}"]
        if self.loss:
            parts.append(self.summary())
        if self.interrupted:
            parts.append("interrupted")
        return f"History({', '.join(parts)})"

    def summary(self) -> str:
        """The last epoch in a few words, such as "loss 0.0312, validation 97.90 %"."""
        text = f"loss {self.loss[-1]:.4f}"
        if self.validation_accuracy:
            text += f", validation {100 * self.validation_accuracy[-1]:.2f} %"
        return text


def linear_decay(start: float, end: float = 0.0) -> Callable[[float], float]:
    """A learning rate that falls in a straight line from ``start`` to ``end`` over the training.

    Returns a function of the progress, 0 at the first batch and 1 after the last, for ``train``.
    Built in notebook 08.
    """
    return functools.partial(_on_line, start, end)


def _on_line(start, end, progress):
    return start + (end - start) * progress


def accuracy(network: Network, images: ArrayLike, labels: ArrayLike) -> float:
    """Return the fraction of the images, 0 to 1, that the network sorts into the class of their label.

    Built in notebook 03.
    """
    predicted = np.atleast_1d(network.predict(images))
    return float(np.mean(predicted == network.checked_labels(labels, len(predicted))))


def train(
    network: Network,
    images: ArrayLike,
    labels: ArrayLike,
    *,
    epochs: int,
    batch_size: int | None,
    learning_rate: float | Callable[[float], float],
    momentum: float = 0.9,
    l2: float = 0.0,
    augment: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None = None,
    validation: tuple[ArrayLike, ArrayLike] | None = None,
    seed: int = 0,
    progress: bool = True,
    callback: Callable[[int, float], bool | None] | None = None,
) -> History:
    """Train the network in place by minibatch gradient descent with momentum; return its History.

    Each batch changes a velocity v and the parameters w:  v = momentum · v + learning_rate · gradient,
    w = w − v  (Polyak 1964, "Some methods of speeding up the convergence of iteration methods").

    Parameters
    ----------
    network : Network, or a kind of it, such as ConvNetwork
    images, labels : the training set, in any form that the network accepts; uint8 is fastest and smallest
    epochs : int
        How many times to go through all images, in a new random order each time.
    batch_size : int or None
        Images per step; the last batch of an epoch takes what is left. None means all of them: one step
        per epoch, with the exact gradient of the loss.
    learning_rate : float, or a function of the progress (0 to 1) that returns one, as ``linear_decay(0.1)``
    momentum : float from 0 up to, not including, 1
    l2 : float
        Adds l2/2 · Σ W² to the loss that is minimised. Biases are left out.
    augment : callable, optional
        ``augment(images, rng)`` gets a batch (n, side, side) in the training images' dtype (rows (n, n_in)
        if the inputs are no square) and a numpy Generator. It returns a changed batch of the same shape:
        uint8, or floats in the network's scale, 0 to 1. It may write into the batch it was given. Large
        batches arrive in pieces. ``mnistlib.augment.Distorter`` is such a callable.
    validation : (images, labels), optional
        Scored after each epoch and never trained on.
    seed : int
        Fixes the shuffling and what ``augment`` draws: the same seed, the same training.
    progress : bool
        Show a progress bar.
    callback : callable, optional
        ``callback(batches, loss)`` is called after every batch with the number of batches done so far and
        the batch's mean loss. If it returns True, the training ends there.

    Ctrl-C, or a notebook's stop button, ends the training at once: the network keeps what it has learned and
    the history so far is returned, with ``interrupted`` set. Signals only reach a program's main thread; a
    training that runs in another thread is not stopped by them.

    Raises ValueError or TypeError for arguments that make no sense, before anything is changed, and
    TrainingDiverged when the loss stops being finite. That error, and any that ``learning_rate``, ``augment``
    or ``callback`` causes on the way, has the history so far as its ``history``, and the network is put back
    to where it was after the last whole epoch.
    """
    rows, labels = _checked_set(network, images, labels)  # (n, n_in), (n,)
    n = len(rows)
    epochs = checked_count("epochs", epochs)
    batch_size = n if batch_size is None else min(checked_count("batch_size", batch_size), n)
    schedule = learning_rate if callable(learning_rate) else lambda progress: learning_rate
    _checked_rate(schedule(0.0))
    _check_options(network, momentum, l2, augment, callback)
    if validation is not None:
        validation = _checked_validation(network, validation)

    shuffle_rng, augment_rng = np.random.default_rng(seed).spawn(2)
    if augment is not None:
        augment = _of_rows(augment, augment_rng, network.sizes[0])
    descent = _Descent(network, rows, labels, augment, momentum, l2)
    starts = range(0, n, batch_size)
    total = epochs * len(starts)
    history, losses = History(), array("d")  # a list of numbers takes four times the memory
    bar = progress_bar(total, unit="batch", disable=not progress)
    with _ending_well(network, history, losses, total) as last_good, contextlib.closing(bar):
        for _ in range(epochs):
            begin = time.perf_counter()
            # With a single batch, all images are in it anyway: they are taken in the order they have
            order = shuffle_rng.permutation(n) if batch_size < n else np.arange(n)
            for start in starts:
                rate = _checked_rate(schedule(len(losses) / total))
                losses.append(descent.step(order[start : start + batch_size], rate))
                bar.update()
                stop = callback is not None and callback(len(losses), losses[-1])
                if stop:
                    break
            if not np.isfinite(network.flat).all():
                raise TrainingDiverged(DIVERGED)
            if len(losses) % len(starts):  # stopped in the middle of an epoch
                break

            seconds = time.perf_counter() - begin
            history.loss.append(float(np.mean(losses[-len(starts) :])))
            if validation is not None:
                loss, right = network.evaluate(*validation)
                history.validation_loss.append(loss)
                history.validation_accuracy.append(right)
            last_good[...] = network.flat
            history.seconds.append(seconds)
            bar.set_postfix_str(history.summary())
            if stop:
                break
    return history


class _Descent:
    """Gradient descent with momentum: each ``step`` takes the network one batch further."""

    def __init__(self, network, images, labels, augment, momentum, l2):
        self.network, self.images, self.labels = network, images, labels
        self.augment, self.l2 = augment, l2
        self.momentum = network.dtype.type(momentum)  # numpy takes its own numbers sooner than Python's
        # Each is one vector for all weights and biases, so that a step is three lines for the whole network
        self.velocity, self.gradient, self.spare = (np.zeros_like(network.flat) for _ in range(3))
        vectors = network.flat, self.gradient, self.spare
        self.layers, self.gradient_layers, self.spare_layers = map(network.split, vectors)
        self.steps = 0
        # The arrays for pieces of one size: the usual one, as a rule, and that of the last batch
        self.workspace = functools.cache(lambda size: network.workspace(size, images.dtype))

    def step(self, rows, rate):
        """One step down the mean gradient of the images in these rows; return their mean loss before it."""
        loss = self._gradient(rows, rate) / len(rows)
        if not loss < math.inf:  # also true for NaN
            raise TrainingDiverged(DIVERGED)
        # v = momentum · v + rate · gradient, w = w − v. The gradient has the rate in it already.
        np.multiply(self.velocity, self.momentum, out=self.velocity)
        np.add(self.velocity, self.gradient, out=self.velocity)
        np.subtract(self.network.flat, self.velocity, out=self.network.flat)
        self.steps += 1
        if self.steps % SWEEP == 0:
            sweep_out(self.velocity)
        return loss

    def _gradient(self, rows, rate):
        """Set ``gradient`` to rate × the mean gradient of the images in these rows; return their summed loss.

        A large batch is walked in pieces whose gradients are added up. The sum is the same, and one piece's
        arrays stay small enough to remain in the processor's cache.
        """
        # The learning rate and the 1/n of the mean are factors of everything in the gradient. Multiplied
        # into the output layer's small delta, they reach all of it for nothing.
        scale = self.network.dtype.type(rate / len(rows))
        loss = 0.0
        for start in range(0, len(rows), self.network.at_once):
            piece = rows[start : start + self.network.at_once]
            work = self.workspace(len(piece))
            work.take(self.images, piece, self.augment)
            work.forward()
            loss += work.loss(self.labels[piece], scale)
            work.backward(self.spare_layers if start else self.gradient_layers)
            if start:
                np.add(self.gradient, self.spare, out=self.gradient)
        if self.l2:
            layers = zip(self.layers, self.gradient_layers, self.spare_layers, strict=True)
            for (W, _), (dW, _), (spare, _) in layers:
                np.multiply(W, rate * self.l2, out=spare)
                np.add(dW, spare, out=dW)
        return loss


def _of_rows(augment, rng, n_in):
    """A function that hands a batch of rows to the user's function as images, and checks what comes back."""
    side = math.isqrt(n_in)
    shape = (-1, side, side) if side * side == n_in else (-1, n_in)

    def augmented(rows):
        images = rows.reshape(shape)
        changed = augment(images, rng)
        if not isinstance(changed, np.ndarray) or changed.shape != images.shape:
            got = f"shape {changed.shape}" if isinstance(changed, np.ndarray) else repr(type(changed))
            raise ValueError(f"augment returned {got}, expected an array of shape {images.shape}")
        if changed.dtype != np.uint8 and changed.dtype.kind != "f":
            raise TypeError(f"augment returned dtype {changed.dtype}, expected uint8 or floats in 0..1")
        return changed.reshape(rows.shape)

    return augmented


@contextlib.contextmanager
def _ending_well(network: Network, history: History, losses: array, total: int) -> Iterator[np.ndarray]:
    """Whatever ends a training: the history tells how far it came, and the network is one to go on with.

    Yields the vector of parameters, after the last whole epoch, to which an error sets the network back.
    """
    last_good = network.flat.copy()
    try:
        # A diverging training overflows before it is noticed, at the next batch's loss: one clear error then,
        # instead of numpy's warnings
        with np.errstate(all="ignore"):
            yield last_good
    except KeyboardInterrupt:
        if not np.isfinite(network.flat).all():
            network.flat[...] = last_good
    except Exception as error:
        network.flat[...] = last_good
        error.history = history  # type: ignore[attr-defined]
        error.add_note(
            f"This ended the training after {len(losses)} batches. The network is back where it was after "
            f"{len(history.seconds)} whole epochs, and the error's `history` tells how they went."
        )
        raise
    finally:
        for entries in (history.loss, history.validation_loss, history.validation_accuracy):
            del entries[len(history.seconds) :]  # of an epoch that ended before all its figures were there
        history.batch_loss = np.array(losses)
        history.interrupted = len(losses) < total


def _checked_set(network, images, labels):
    """Return images as contiguous rows (N, n_in) and labels (N,), or raise what Network would."""
    images = np.asarray(images)
    shape = network.row_shape(images)
    if len(shape) != 2:
        raise ValueError(f"images have shape {images.shape}: one image is not a set, expected (N, …)")
    # numpy.take copies its whole source, every time, if that is not contiguous
    images = np.ascontiguousarray(images, dtype=images.dtype.newbyteorder("=")).reshape(shape)
    if images.dtype != np.uint8:
        check_floats(images)
    return images, network.checked_labels(labels, len(images)).astype(np.intp)


def _checked_validation(network, validation):
    if not isinstance(validation, tuple | list) or len(validation) != 2:
        raise ValueError("validation must be a pair, (images, labels)")
    return _checked_set(network, *validation)


def _check_options(network, momentum, l2, augment, callback):
    if not 0 <= momentum < 1 or network.dtype.type(momentum) == 1:  # rounded, 0.99999999999 would be 1
        raise ValueError(f"momentum must be at least 0 and below 1, not {momentum!r}")
    if not 0 <= l2 < math.inf:
        raise ValueError(f"l2 must be 0 or a positive number, not {l2!r}")
    if augment is not None and not callable(augment):
        raise ValueError(f"augment must be a function of a batch and a generator, not {augment!r}")
    if callback is not None and not callable(callback):
        raise ValueError(f"callback must be a function of the batches done and the loss, not {callback!r}")


def _checked_rate(rate):
    if not isinstance(rate, numbers.Real) or not 0 <= rate < math.inf:
        raise ValueError(f"the learning rate must be 0 or a positive number, not {rate!r}")
    return float(rate)
