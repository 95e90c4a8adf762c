"""Training: minibatch gradient descent with momentum, as fast as numpy allows.

The method is the one that notebooks 05 to 08 build: shuffle the images, take a batch, work out the mean
gradient, take a step, go on. What is different here is that hardly anything is allocated inside the loop:
every array of any size is made once (see ``_Workspace``) and then written to again and again with ``out=``.
Next to the plain form (``Network.gradients`` and one line per step), that saves about two fifths of the time
at batches of 100; the matrix products, which nothing can save, are most of the rest.
"""

import contextlib
import functools
import math
import numbers
import operator
import signal
import threading
import time
from dataclasses import dataclass, field

import numpy as np

from mnistlib.network import aligned_zeros, split_parameters
from mnistlib.plumbing.progress import progress as progress_bar

# Batches larger than this are walked in pieces whose gradients are added up. The sum is the same, and one
# piece's arrays stay small enough to remain in the processor's cache.
CHUNK = 500

# The velocity of a weight behind a pixel that is hardly ever inked shrinks by the factor ``momentum`` with
# every batch, until it reaches the numbers below 1e-38 that float32 can only just represent ("subnormals").
# Processors take many times longer over those: with batches of 32, the epochs after the first take half as
# long again. So every SWEEP batches, velocities too small to change any weight are set to 0.
SWEEP = 100
NEGLIGIBLE = 1e-25

# The progress bar is redrawn after this many seconds, not after every batch.
REDRAW = 0.2


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
    interrupted : True if the training was stopped before its last epoch was through
    """

    loss: list = field(default_factory=list)
    validation_loss: list = field(default_factory=list)
    validation_accuracy: list = field(default_factory=list)
    seconds: list = field(default_factory=list)
    batch_loss: np.ndarray = field(default_factory=lambda: np.empty(0))
    interrupted: bool = False

    def __repr__(self):
        parts = [f"{len(self.loss)} epoch{'s' * (len(self.loss) != 1)}"]
        if self.loss:
            parts.append(self.summary())
        if self.interrupted:
            parts.append("interrupted")
        return f"History({', '.join(parts)})"

    def summary(self):
        """The last epoch in a few words, such as "loss 0.0312, validation 97.90 %"."""
        text = f"loss {self.loss[-1]:.4f}"
        if self.validation_accuracy:
            text += f", validation {100 * self.validation_accuracy[-1]:.2f} %"
        return text


def linear_decay(start, end=0.0):
    """A learning rate that falls in a straight line from ``start`` to ``end`` over the training.

    Returns a function of the progress, 0 at the first batch and 1 after the last, for ``train``.
    """
    return functools.partial(_on_line, start, end)


def _on_line(start, end, progress):
    return start + (end - start) * progress


def accuracy(network, images, labels):
    """Return the fraction of the images, 0 to 1, that the network sorts into the class of their label."""
    predicted = np.atleast_1d(network.predict(images))
    return float(np.mean(predicted == network.checked_labels(labels, len(predicted))))


def train(
    network,
    images,
    labels,
    *,
    epochs,
    batch_size,
    learning_rate,
    momentum=0.9,
    l2=0.0,
    augment=None,
    validation=None,
    seed=0,
    progress=True,
    callback=None,
):
    """Train the network in place by minibatch gradient descent with momentum; return its History.

    Each batch changes a velocity v and the parameters w:  v = momentum · v + learning_rate · gradient,
    w = w − v  (Polyak 1964, "Some methods of speeding up the convergence of iteration methods").

    Parameters
    ----------
    network : Network
    images, labels : the training set, in any form that Network accepts; uint8 is fastest and smallest
    epochs : int
        How many times to go through all images, in a new random order each time.
    batch_size : int or None
        Images per step; the last batch of an epoch takes what is left. None means all of them: one step
        per epoch, with the exact gradient of the loss.
    learning_rate : float, or a function of the progress (0 to 1) that returns one
        For example ``linear_decay(0.1)``.
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
        the batch's mean loss. If it returns True, the training ends there, as after Ctrl-C.

    Ctrl-C, or a notebook's stop button, ends the training after the current batch: the network keeps what
    it has learnt and the history so far is returned, with ``interrupted`` set. A second Ctrl-C raises
    KeyboardInterrupt as usual. Signals only reach a program's main thread; a training that runs in another
    thread is not stopped by them.

    Raises ValueError or TypeError for arguments that make no sense, before anything is changed, and
    TrainingDiverged when the loss stops being finite; the network is then put back to where it was after
    the last whole epoch.
    """
    images, labels = _checked_set(network, images, labels)
    n = len(images)
    epochs = _checked_count("epochs", epochs)
    batch_size = n if batch_size is None else min(_checked_count("batch_size", batch_size), n)
    if callable(learning_rate):
        schedule = learning_rate
        _checked_rate(schedule(0.0))
    else:
        rate = _checked_rate(learning_rate)
        schedule = linear_decay(rate, rate)
    _check_options(momentum, l2, augment, callback)
    if validation is not None:
        validation = _checked_validation(network, validation)

    shuffle_rng, augment_rng = np.random.default_rng(seed).spawn(2)
    if augment is not None:
        augment = _Augmenter(augment, augment_rng, network.sizes[0])
    calculator = _GradientCalculator(network, images, labels, augment)
    gradient = calculator.gradient  # one vector, laid out like network.flat
    velocity = aligned_zeros(network.flat.shape, network.dtype)
    momentum = network.dtype.type(momentum)  # numpy takes its own numbers sooner than Python's

    starts = range(0, n, batch_size)
    total = epochs * len(starts)
    losses = np.empty(total)
    done = 0
    history = History()
    last_good = network.flat.copy()
    bar = progress_bar(total, unit="batch") if progress else _NoBar()

    # A diverging training overflows before it is noticed, at the next batch's loss: one clear error then,
    # instead of numpy's warnings.
    with contextlib.closing(bar), _StopSign() as stop, np.errstate(all="ignore"):
        for _ in range(epochs):
            begin = redrawn = time.perf_counter()
            drawn = done
            # With a single batch, all images are in it anyway: they are taken as they stand.
            order = shuffle_rng.permutation(n) if batch_size < n else None
            for start in starts:
                rate = _checked_rate(schedule(done / total))
                loss = calculator.run(order, start, min(start + batch_size, n), rate, l2)
                if not loss < math.inf:  # also true for NaN
                    _diverged(network, last_good, history, losses[:done])

                # v = momentum · v + rate · gradient, w = w − v. The gradient has the rate in it already.
                np.multiply(velocity, momentum, out=velocity)
                np.add(velocity, gradient, out=velocity)
                np.subtract(network.flat, velocity, out=network.flat)

                losses[done] = loss
                done += 1
                if done % SWEEP == 0:
                    size = np.abs(velocity, out=calculator.spare)
                    velocity[size < NEGLIGIBLE] = 0
                if time.perf_counter() - redrawn > REDRAW:
                    bar.update(done - drawn)
                    redrawn, drawn = time.perf_counter(), done
                if callback is not None and callback(done, loss):
                    stop.requested = True
                if stop.requested:
                    break
            bar.update(done - drawn)
            if not np.isfinite(network.flat).all():
                _diverged(network, last_good, history, losses[:done])
            if done % len(starts):  # stopped in the middle of an epoch
                break

            history.seconds.append(time.perf_counter() - begin)
            history.loss.append(float(losses[done - len(starts) : done].mean()))
            if validation is not None:
                history.validation_loss.append(network.loss(*validation))
                history.validation_accuracy.append(accuracy(network, *validation))
            bar.set_postfix_str(history.summary())
            last_good[...] = network.flat
            if stop.requested:
                break
    history.batch_loss = losses[:done].copy()
    history.interrupted = done < total
    return history


# ---- the gradient, fast -----------------------------------------------------------------------------------


class _GradientCalculator:
    """Works out learning rate × gradient of one batch after another, in arrays that are made only once.

    ``gradient`` is the result, one vector laid out like ``network.flat``.
    """

    def __init__(self, network, images, labels, augment):
        self.network, self.images, self.labels, self.augment = network, images, labels, augment
        self.gradient = aligned_zeros(network.flat.shape, network.dtype)
        self.spare = aligned_zeros(network.flat.shape, network.dtype)
        # The same three vectors, cut into weights and biases.
        self.layers = network.parameters
        self.gradient_layers = split_parameters(self.gradient, network.sizes)
        self.spare_layers = split_parameters(self.spare, network.sizes)
        self.workspaces = {}

    def run(self, order, start, stop, rate, l2):
        """Set ``gradient`` for the images order[start:stop]; return their mean loss.

        Without an order, they are the images start to stop as they stand.
        """
        # The learning rate and the 1/n of the mean are factors of everything in the gradient. Multiplied
        # into the output layer's small delta, they reach all of it for nothing.
        n = stop - start
        scale = self.network.dtype.type(rate / n)
        loss = 0.0
        for first in range(start, stop, CHUNK):
            part = slice(first, min(first + CHUNK, stop))
            rows = part if order is None else order[part]
            work = self._workspace(part.stop - part.start)
            work.gather(self.images, rows, self.augment)
            work.forward()
            loss += work.output_delta(self.labels[rows], scale)
            if first == start:
                work.backward(self.gradient_layers)
            else:
                work.backward(self.spare_layers)
                np.add(self.gradient, self.spare, out=self.gradient)
        if l2:
            for (W, _), (dW, _), (spare, _) in zip(
                self.layers, self.gradient_layers, self.spare_layers, strict=True
            ):
                np.multiply(W, rate * l2, out=spare)
                np.add(dW, spare, out=dW)
        return loss / n

    def _workspace(self, size):
        """The arrays for pieces of this size: the usual one, as a rule, and that of the last batch."""
        if size not in self.workspaces:
            self.workspaces[size] = _Workspace(self.network, self.layers, size, self.images.dtype)
        return self.workspaces[size]


class _Workspace:
    """The arrays for pieces of ``size`` images, and the steps of backpropagation that fill them.

    It computes what ``Network.gradients`` does. What differs is where the results go (``out=``), and the
    output layer's arrays, which are (classes, size) instead of (size, classes): a sum or maximum over the
    ten classes then runs through memory in ten long strides instead of ``size`` short ones.

    Pixels stored as 0 to 255 ought to be divided by 255, which is a walk over the largest array there is.
    But a ReLU lets a factor through: relu(255 z) = 255 relu(z). So such a network computes on the pixels as
    they are, all its hidden values come out ``unit`` = 255 times as large, and the ten scores are divided in
    the end. A sigmoid lets no factor through: there, the first layer's sums are divided.
    """

    def __init__(self, network, layers, size, image_dtype):
        n_in, *hidden, classes = network.sizes
        zeros = functools.partial(aligned_zeros, dtype=network.dtype)
        self.layers = layers
        self.relu = network.activation == "relu"
        self.softmax = network.output == "softmax"

        self.divided = len(hidden) if self.relu else 0  # the layer whose sums are divided by the unit

        self.pixels = aligned_zeros((size, n_in), image_dtype)  # the images as they are stored
        self.x = self.pixels if image_dtype == network.dtype else zeros((size, n_in))
        self.hidden = [zeros((size, n)) for n in hidden]
        self.deltas = [zeros((size, n)) for n in hidden]
        self.biases = [zeros(n) for n in hidden]
        self.zero = np.zeros((), network.dtype)  # numpy takes its own numbers sooner than Python's
        # What the slope of an activation needs: a truth value for each neuron for ReLU, a number for sigmoid.
        self.slopes = [aligned_zeros((size, n), bool if self.relu else network.dtype) for n in hidden]

        self.scores = zeros((classes, size))
        self.spare = zeros((classes, size))
        self.columns = np.arange(size)
        self.right = np.empty(size, np.intp)
        self.tops, self.sums, self.ones = zeros(size), zeros(size), zeros(size)

    def gather(self, images, rows, augment):
        """Set x (size, n_in): fetch these rows of the images, distort them if asked, make floats of them.

        ``unit`` is what stands for 1 in x: 255 in uint8 images, 1 in floats.
        """
        if isinstance(rows, slice):
            pixels = images[rows]  # a view
            if augment is not None:
                np.copyto(self.pixels, pixels)  # augment may write into what it gets
                pixels = self.pixels
        else:
            # mode="clip" lets take write straight into ``out``; the rows are in range anyway.
            pixels = images.take(rows, axis=0, out=self.pixels, mode="clip")
        if augment is not None:
            pixels = augment(pixels)
        if pixels is not self.x:
            np.copyto(self.x, pixels)
        self.unit = self.x.dtype.type(255 if pixels.dtype == np.uint8 else 1)
        self.inverse = 1 / self.unit

    def forward(self):
        """Set the hidden layers' activations, each (size, n), and the scores (classes, size)."""
        below = self.x
        for i, h in enumerate(self.hidden):
            W, b = self.layers[i]
            np.dot(below, W, out=h)
            if i == self.divided:
                np.multiply(h, self.inverse, out=h)
            np.add(h, self._bias(i, b), out=h)
            if self.relu:
                np.maximum(h, self.zero, out=h)
            else:
                _sigmoid_in_place(h)
            below = h
        W, b = self.layers[-1]
        np.dot(W.T, below.T, out=self.scores)
        if self.divided == len(self.hidden):
            np.multiply(self.scores, self.inverse, out=self.scores)
        np.add(self.scores, b[:, None], out=self.scores)

    def _bias(self, i, b):
        """A hidden layer's bias, in the units of its sums."""
        return np.multiply(b, self.unit, out=self.biases[i]) if i < self.divided else b

    def output_delta(self, labels, scale):
        """Turn the scores into scale × the derivative of the loss by them; return the sum of the losses."""
        z = self.scores
        flat = z.reshape(-1)
        # Where each image's right class stands in ``flat``: row ``label``, column number of the image.
        np.multiply(labels, len(labels), out=self.right)
        np.add(self.right, self.columns, out=self.right)

        if self.softmax:
            np.maximum.reduce(z, axis=0, out=self.tops)
            np.subtract(z, self.tops, out=z)
            picked = flat[self.right]
            np.exp(z, out=z)
            np.add.reduce(z, axis=0, out=self.sums)
            np.divide(scale, self.sums, out=self.tops)
            np.multiply(z, self.tops, out=z)  # scale · p
            flat[self.right] -= scale  # scale · (p − y): y is 1 at the label, 0 elsewhere
            np.log(self.sums, out=self.sums)
            np.subtract(self.sums, picked, out=self.sums)  # log Σ exp(z) − z[label]
            return float(np.add.reduce(self.sums))

        _sigmoid_in_place(z)
        np.multiply(z, z, out=self.spare)
        np.subtract(z, self.spare, out=self.spare)  # a · (1 − a)
        flat[self.right] -= 1  # a − y
        loss = 0.5 * float(np.dot(flat, flat))
        np.multiply(z, self.spare, out=z)
        np.multiply(z, scale, out=z)
        return loss

    def backward(self, gradients):
        """Write the gradient into the arrays of ``gradients``, [(dW, db), ...], from the last layer down."""
        below = [self.x, *self.hidden]
        dW, db = gradients[-1]
        np.add.reduce(self.scores, axis=1, out=db)
        if self.divided == len(self.hidden):
            np.multiply(self.scores, self.inverse, out=self.scores)
        delta = self.scores.T  # (size, classes)
        np.dot(below[-1].T, delta, out=dW)
        for i in reversed(range(len(self.hidden))):
            W_above, _ = self.layers[i + 1]
            h, slope = self.hidden[i], self.slopes[i]
            delta = np.dot(delta, W_above.T, out=self.deltas[i])  # (size, n_out) @ (n_out, n_in)
            if self.relu:
                np.greater(h, self.zero, out=slope)
            else:
                np.multiply(h, h, out=slope)
                np.subtract(h, slope, out=slope)  # a · (1 − a)
            np.multiply(delta, slope, out=delta)
            dW, db = gradients[i]
            # The sum over the images, by way of the fast matrix product. Below the layer that was divided,
            # delta is 1/unit of its size: right for dW, since x and h are unit times as large; for db it is
            # made good here.
            self.ones[...] = self.unit if i < self.divided else 1
            np.dot(self.ones, delta, out=db)
            if i == self.divided:
                np.multiply(delta, self.inverse, out=delta)
            np.dot(below[i].T, delta, out=dW)  # (n_in, size) @ (size, n_out)


def _sigmoid_in_place(z):
    """1 / (1 + exp(−z)) written as ½ + ½ tanh(z/2): the same function, and tanh never overflows."""
    np.multiply(z, 0.5, out=z)
    np.tanh(z, out=z)
    np.multiply(z, 0.5, out=z)
    np.add(z, 0.5, out=z)


class _Augmenter:
    """Hands batches of rows to the user's function as images, and checks what comes back."""

    def __init__(self, function, rng, n_in):
        self.function, self.rng = function, rng
        side = math.isqrt(n_in)
        self.shape = (-1, side, side) if side * side == n_in else (-1, n_in)

    def __call__(self, rows):
        images = rows.reshape(self.shape)
        changed = self.function(images, self.rng)
        if not isinstance(changed, np.ndarray) or changed.shape != images.shape:
            got = f"shape {changed.shape}" if isinstance(changed, np.ndarray) else repr(type(changed))
            raise ValueError(f"augment returned {got}, expected an array of shape {images.shape}")
        if changed.dtype != np.uint8 and changed.dtype.kind != "f":
            raise TypeError(f"augment returned dtype {changed.dtype}, expected uint8 or floats in 0..1")
        return changed.reshape(rows.shape)


# ---- what surrounds it ------------------------------------------------------------------------------------


def _diverged(network, last_good, history, losses):
    network.flat[...] = last_good
    history.batch_loss = losses.copy()
    error = TrainingDiverged(
        f"the training diverged: after {len(losses)} batches the loss is no longer a finite number. The "
        f"network is back where it was after {len(history.loss)} whole epochs. Try a learning rate three "
        f"to ten times lower, or check that the pixels are scaled to 0..1."
    )
    error.history = history
    raise error


class _StopSign:
    """While in force, Ctrl-C sets ``requested``; only a second one raises KeyboardInterrupt."""

    def __enter__(self):
        self.requested = False
        self.previous = None
        # Python lets only the main thread set signal handlers. Where Ctrl-C is ignored, it stays ignored.
        if threading.current_thread() is threading.main_thread():
            previous = signal.getsignal(signal.SIGINT)
            if callable(previous):
                self.previous = previous
                signal.signal(signal.SIGINT, self._on_signal)
        return self

    def _on_signal(self, number, frame):
        self.requested = True
        self._restore()

    def _restore(self):
        if self.previous is not None:
            signal.signal(signal.SIGINT, self.previous)
            self.previous = None

    def __exit__(self, *_):
        self._restore()


class _NoBar:
    """Stands in for the progress bar when none is wanted."""

    def update(self, n):
        pass

    def set_postfix_str(self, text):
        pass

    def close(self):
        pass


def _checked_set(network, images, labels):
    """Return images as contiguous rows (N, n_in) and labels (N,), or raise what Network would."""
    images = np.asarray(images)
    shape = network.row_shape(images)
    if len(shape) != 2:
        raise ValueError(f"images have shape {images.shape}: one image is not a set, expected (N, …)")
    # numpy.take copies its whole source, every time, if that is not contiguous
    images = np.ascontiguousarray(images, dtype=images.dtype.newbyteorder("=")).reshape(shape)
    if images.dtype != np.uint8 and not (np.isfinite(images.min()) and np.isfinite(images.max())):
        raise ValueError("the images contain NaN or infinity: every value must be a finite number")
    return images, network.checked_labels(labels, len(images)).astype(np.intp)


def _checked_validation(network, validation):
    if not isinstance(validation, tuple | list) or len(validation) != 2:
        raise ValueError("validation must be a pair, (images, labels)")
    return _checked_set(network, *validation)


def _check_options(momentum, l2, augment, callback):
    if not 0 <= momentum < 1:
        raise ValueError(f"momentum must be at least 0 and below 1, not {momentum!r}")
    if not 0 <= l2 < math.inf:
        raise ValueError(f"l2 must be 0 or a positive number, not {l2!r}")
    if augment is not None and not callable(augment):
        raise ValueError(f"augment must be a function of a batch and a generator, not {augment!r}")
    if callback is not None and not callable(callback):
        raise ValueError(f"callback must be a function of the batches done and the loss, not {callback!r}")


def _checked_count(name, value):
    try:
        count = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} must be a whole number, not {value!r}") from None
    if count < 1:
        raise ValueError(f"{name} must be 1 or more, not {value!r}")
    return count


def _checked_rate(rate):
    if not isinstance(rate, numbers.Real) or not 0 <= rate < math.inf:
        raise ValueError(f"the learning rate must be 0 or a positive number, not {rate!r}")
    return float(rate)
