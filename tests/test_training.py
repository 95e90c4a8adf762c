import pickle
import signal
import time
import tracemalloc
from itertools import product
from unittest import mock

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mnistlib.network import Network
from mnistlib.plumbing.fast import sweep_out
from mnistlib.training import History, TrainingDiverged, accuracy, linear_decay, train

KINDS = tuple(product(("relu", "sigmoid"), ("softmax", "sigmoid")))
SIDE, CLASSES = 4, 3


def digits(n=50, seed=0):
    """Small uint8 images, (n, 4, 4), no two alike; each class is a bright band at its own height."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, CLASSES, n).astype(np.uint8)
    images = rng.integers(0, 120, (n, SIDE, SIDE)).astype(np.uint8)
    images[np.arange(n), labels] += 100
    return images, labels


def small_network(activation="relu", output="softmax", hidden=(7,), dtype=np.float64, seed=0):
    return Network((SIDE * SIDE, *hidden, CLASSES), activation, output, dtype=dtype, seed=seed)


def quietly(network, images, labels, **options):
    """Train without a progress bar; a short training unless told otherwise."""
    defaults = {"epochs": 2, "batch_size": 8, "learning_rate": 0.1, "progress": False}
    return train(network, images, labels, **defaults | options)


def trained(dtype=np.float64, **options):
    """A small network and its history, quietly trained on 50 digits; an epoch has 7 batches."""
    network = small_network(dtype=dtype)
    return network, quietly(network, *digits(), **options)


def until(batches):
    """A callback that ends a training after so many batches."""
    return lambda done, loss: done == batches


def equal(network, other):
    return np.array_equal(network.flat, other.flat)


class Recorder:
    """An augment function that changes nothing and remembers the batches it saw."""

    def __init__(self):
        self.batches = []

    def __call__(self, images, rng):
        self.batches.append(images.copy())
        return images


# ---- the method -------------------------------------------------------------------------------------------


def steps_of_the_textbook(network, batches, rate, momentum, l2):
    """Take a plain step on each batch (images, labels); return the batches' losses before it."""
    velocity, losses = np.zeros_like(network.flat), []
    for step, batch in enumerate(batches):
        losses.append(network.loss(*batch))
        _, gradients = network.gradients(*batch, l2=l2)
        gradient = np.concatenate([array.ravel() for layer in gradients for array in layer])
        velocity = momentum * velocity + rate(step / len(batches)) * gradient
        network.flat -= velocity
    return losses


@settings(max_examples=100, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    hidden=st.lists(st.integers(1, 20), max_size=3),
    n=st.integers(1, 60),
    batch_size=st.none() | st.integers(1, 70),
    at_once=st.integers(1, 70),
    epochs=st.integers(1, 4),
    momentum=st.sampled_from([0.0, 0.8]),
    l2=st.sampled_from([0.0, 0.01, 1.0]),
    inverted=st.booleans(),
    seed=st.integers(0, 99),
)
# Enough batches for what the loop does only now and then
@example(KINDS[0], [7], 50, 8, 500, 16, 0.8, 0.01, False, 0)
@example(KINDS[3], [7, 5], 50, 8, 3, 16, 0.8, 0.01, True, 0)
def test_train_takes_the_steps_of_the_textbook(
    kind, hidden, n, batch_size, at_once, epochs, momentum, l2, inverted, seed
):
    """The fast loop against the plain one, on the same batches, found again by their images.

    A falling learning rate, smaller last batches, batches in pieces and augmentation are all in it.
    """
    images, labels = digits(n)
    label_of = {image.tobytes(): label for image, label in zip(images, labels, strict=True)}
    network = small_network(*kind, hidden, seed=seed)
    network.at_once = at_once
    textbook, plain = network.copy(), network.copy()
    seen = Recorder()
    options = {"epochs": epochs, "batch_size": batch_size, "seed": seed, "momentum": momentum, "l2": l2}
    options["learning_rate"] = linear_decay(0.3, 0.1)

    def augment(batch, rng):
        return 255 - seen(batch, rng) if inverted else seen(batch, rng)

    history = quietly(network, images, labels, **options, augment=augment)

    order, size = np.concatenate(seen.batches), min(batch_size or n, n)
    assert max(map(len, seen.batches)) == min(size, at_once)
    starts = [epoch * n + start for epoch in range(epochs) for start in range(0, n, size)]
    batches = [order[start : min(start + size, start - start % n + n)] for start in starts]
    of_batches = [np.array([label_of[image.tobytes()] for image in batch]) for batch in batches]
    changed = [255 - batch if inverted else batch for batch in batches]
    pairs = list(zip(changed, of_batches, strict=True))
    losses = steps_of_the_textbook(textbook, pairs, linear_decay(0.3, 0.1), momentum, l2)
    np.testing.assert_allclose(network.flat, textbook.flat, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(history.batch_loss, losses, rtol=1e-9)
    np.testing.assert_allclose(history.loss, np.reshape(losses, (epochs, -1)).mean(axis=1), rtol=1e-9)
    if not inverted:
        quietly(plain, images, labels, **options)
        np.testing.assert_allclose(plain.flat, textbook.flat, rtol=1e-9, atol=1e-12)


def test_velocities_too_small_to_matter_are_set_to_zero_now_and_then(monkeypatch):
    velocity = np.array([1e-3, -1e-30, 1e-38, -2e-20, 0], np.float32)
    sweep_out(velocity)
    np.testing.assert_array_equal(velocity, np.array([1e-3, 0, 0, -2e-20, 0], np.float32))
    swept = []
    monkeypatch.setattr("mnistlib.training.sweep_out", lambda velocity: swept.append(velocity.shape))
    network, _ = trained(epochs=30)  # 210 batches
    assert swept == [network.flat.shape] * 2


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("activation", "output"), KINDS)
def test_huge_scores_do_not_overflow(activation, output, dtype):
    images, labels = digits()
    network = small_network(activation, output, dtype=dtype)
    network.flat[...] *= 1e5
    before = network.loss(images, labels)
    history = quietly(network, images, labels, epochs=1, batch_size=None)
    assert history.loss == pytest.approx([before], rel=1e-4)
    assert np.isfinite(network.loss(images, labels))


def test_an_epoch_shows_every_image_once_in_an_order_of_its_own():
    images, seen = digits()[0], Recorder()
    trained(augment=seen)
    trained(augment=seen, seed=1)
    orders = [np.concatenate(seen.batches[start : start + 7]) for start in range(0, 28, 7)]
    for number, order in enumerate(orders):
        assert sorted(map(bytes, order)) == sorted(map(bytes, images))
        assert not any(np.array_equal(order, other) for other in (images, *orders[:number]))


def test_linear_decay_is_a_straight_line_that_can_be_pickled():
    rate = pickle.loads(pickle.dumps(linear_decay(0.4, 0.1)))
    assert [rate(0), rate(0.5), rate(1)] == pytest.approx([0.4, 0.25, 0.1])
    assert linear_decay(0.4)(1) == 0


def test_the_form_of_the_images_makes_no_difference():
    images, labels = digits()
    expected, _ = trained(np.float32)
    for form in (
        images.reshape(50, 16),
        images / 255,
        (images / 255).reshape(50, 16).astype(np.float32),
        np.asfortranarray(images),
        np.repeat(images, 2, axis=0)[::2],
        (images / 255).astype(">f8"),
    ):
        network = small_network(dtype=np.float32)
        quietly(network, form, labels.astype(np.int64))
        np.testing.assert_allclose(network.flat, expected.flat, rtol=1e-4, atol=1e-4)


def test_nothing_that_was_passed_in_is_changed_but_the_network():
    def overwrite(batch, rng):
        batch[...] = 0
        return batch

    images, labels = digits()
    for form, batch_size in product((images, images / 255), (8, None)):
        kept = form.copy(), labels.copy()
        quietly(small_network(), form, labels, augment=overwrite, batch_size=batch_size)
        np.testing.assert_array_equal(form, kept[0])
        np.testing.assert_array_equal(labels, kept[1])


# ---- augment ----------------------------------------------------------------------------------------------


def test_augment_gets_images_and_may_return_floats():
    shapes = set()

    def to_floats(batch, rng):
        shapes.add((batch.dtype, batch.shape[1:]))
        assert isinstance(rng, np.random.Generator)
        return batch / 255

    (network, _), (expected, _) = trained(augment=to_floats), trained()
    assert shapes == {(np.dtype(np.uint8), (SIDE, SIDE))}
    np.testing.assert_allclose(network.flat, expected.flat, rtol=1e-9)


def test_augment_gets_rows_if_the_inputs_are_no_square():
    rng = np.random.default_rng(0)
    seen = Recorder()
    quietly(Network((5, 2)), rng.random((20, 5)), rng.integers(0, 2, 20), augment=seen)
    assert seen.batches[0].shape == (8, 5)


# ---- history and validation -------------------------------------------------------------------------------


def test_validation_is_scored_after_each_epoch_and_never_trained_on():
    """The same images under other labels: whoever scores the training set by mistake gets other numbers."""
    images, labels = digits(50)
    validation = images, (labels + 1) % CLASSES
    network, history = trained(epochs=30, validation=validation)
    assert equal(network, trained(epochs=30)[0])
    assert len(set(history.validation_loss)) == len(history.validation_accuracy) == 30
    scored = history.validation_loss[-1], history.validation_accuracy[-1]
    assert scored == (network.loss(*validation), accuracy(network, *validation))
    assert history.validation_accuracy[-1] < accuracy(network, images, labels)


def test_history_has_one_entry_per_epoch_and_a_fixed_repr():
    start = time.perf_counter()
    _, history = trained(epochs=3)
    assert 0 < min(history.seconds) <= sum(history.seconds) <= time.perf_counter() - start
    assert len(history.loss) == len(history.seconds) == 3
    assert history.validation_loss == history.validation_accuracy == []
    assert history.batch_loss.shape == (21,)
    assert history.interrupted is False
    history.loss, history.validation_accuracy = [1.0, 0.03125], [0.5, 0.979]
    assert repr(history) == "History(2 epochs, loss 0.0312, validation 97.90 %)"
    assert repr(pickle.loads(pickle.dumps(history))) == repr(history)
    assert repr(History()) == "History(0 epochs)"


def test_accuracy_is_the_fraction_that_is_right():
    network = Network((2, 2))
    network.parameters[0][0][...] = np.eye(2)
    images = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.5], [0.2, 0.1]])
    assert accuracy(network, images, [0, 1, 0, 0]) == 1.0
    assert accuracy(network, images, [0, 1, 1, 0]) == 0.75
    assert accuracy(network, images[0], 1) == 0.0
    with pytest.raises(ValueError, match=r"expected \(4,\)"):
        accuracy(network, images, [0, 1])


def test_the_bar_counts_every_batch_and_ends_with_the_last_epochs_figures(monkeypatch):
    shown = mock.MagicMock()
    monkeypatch.setattr("mnistlib.training.progress_bar", shown)
    _, history = trained(validation=digits(20), progress=True)
    shown.assert_called_once_with(14, unit="batch", disable=False)
    bar = shown.return_value
    assert bar.update.call_count == 14
    bar.set_postfix_str.assert_called_with(history.summary())
    bar.close.assert_called_once()
    with pytest.raises(TypeError):
        trained(augment=lambda batch: batch, progress=True)
    assert bar.close.call_count == 2
    trained(progress=False)
    assert shown.call_args.kwargs["disable"]


def test_callback_sees_every_batch_and_may_stop_the_training():
    seen = []
    network, history = trained(callback=lambda batches, loss: seen.append((batches, loss)))
    assert seen == list(enumerate(history.batch_loss, start=1))
    assert (len(seen), history.interrupted) == (14, False)  # two epochs of seven batches
    stopped, history = trained(callback=until(9))
    assert (len(history.loss), len(history.batch_loss), history.interrupted) == (1, 9, True)
    assert not equal(stopped, network)


# ---- being stopped ----------------------------------------------------------------------------------------


def press(*_):
    signal.raise_signal(signal.SIGINT)


def only_after(batches, then):
    """A function for `augment` that changes nothing, and in the batch after so many returns then(images)."""
    count = iter(range(batches))
    return lambda images, rng: images if next(count, None) is not None else then(images)


@pytest.mark.parametrize(("batch", "whole_epochs"), [(1, 0), (10, 1), (14, 1), (15, 2)])
def test_ctrl_c_returns_the_history_so_far_and_keeps_what_was_learned(batch, whole_epochs, ctrl_c):
    augment = only_after(batch - 1, press)
    network, history = trained(epochs=5, augment=augment, validation=digits(20))
    assert history.interrupted
    assert len(history.batch_loss) == batch - 1
    assert len(history.loss) == len(history.validation_loss) == len(history.seconds) == whole_epochs
    assert repr(history).endswith("interrupted)")
    # The same steps, the next batch never begun
    expected = trained(epochs=5, callback=until(batch - 1))[0] if batch > 1 else small_network()
    assert equal(network, expected)


def test_ctrl_c_while_an_epoch_is_scored_leaves_no_half_entries(ctrl_c, monkeypatch):
    monkeypatch.setattr(Network, "evaluate", press)
    _, history = trained(validation=digits(20))
    assert history.loss == history.validation_loss == history.seconds == []
    assert (len(history.batch_loss), history.interrupted) == (7, True)


def test_ctrl_c_leaves_no_network_that_has_diverged():
    network = small_network()

    def spoil(batches, loss):
        if batches == 10:  # an epoch has 7
            network.flat[0] = np.nan
            raise KeyboardInterrupt

    assert quietly(network, *digits(), epochs=3, callback=spoil).interrupted
    assert equal(network, trained(epochs=3, callback=until(7))[0])


@pytest.mark.parametrize(
    "failing",
    [
        {"learning_rate": lambda progress: 0.1 if progress < 10 / 35 else -0.1},
        {"augment": only_after(10, lambda images: images[:1])},
        {"callback": lambda done, loss: done == 10 and 1 / 0},
    ],
    ids=["learning_rate", "augment", "callback"],
)
def test_what_goes_wrong_on_the_way_leaves_the_history_and_the_last_whole_epoch(failing):
    network = small_network()
    with pytest.raises((ValueError, ZeroDivisionError)) as caught:
        quietly(network, *digits(), epochs=5, **failing)
    assert equal(network, trained(epochs=5, callback=until(7))[0])
    history = caught.value.history
    assert (len(history.loss), len(history.batch_loss), history.interrupted) == (1, 10, True)
    assert "back where it was after 1 whole epochs" in caught.value.__notes__[0]


# ---- divergence -------------------------------------------------------------------------------------------


def test_divergence_is_one_clear_error_and_the_network_is_put_back():
    """Warnings are errors in the tests: numpy's own must not get through."""
    network = small_network(dtype=np.float32)
    with pytest.raises(TrainingDiverged, match=r"learning rate.*lower") as caught:
        quietly(network, *digits(), epochs=4, learning_rate=lambda at: 0.1 if at < 0.25 else 1e30)
    assert equal(network, trained(np.float32, epochs=1)[0])  # the first of four epochs is the same
    history = caught.value.history
    assert len(history.loss) == 1
    assert 7 <= len(history.batch_loss) < 28
    assert np.isfinite(history.batch_loss).all()
    assert isinstance(caught.value, FloatingPointError)
    again = pickle.loads(pickle.dumps(caught.value))  # a sweep's worker hands it to another process
    assert (str(again), repr(again.history)) == (str(caught.value), repr(history))


@pytest.mark.parametrize(("activation", "output"), KINDS)
def test_a_network_that_is_not_finite_to_begin_with_is_reported(activation, output):
    network = small_network(activation, output)
    network.flat[-1] = np.nan
    with pytest.raises(TrainingDiverged):
        quietly(network, *digits())


def test_a_last_step_to_infinity_is_noticed():
    network = small_network(dtype=np.float32)
    with pytest.raises(TrainingDiverged):
        quietly(network, *digits(8), epochs=1, learning_rate=1e38, l2=1e10)
    assert equal(network, small_network(dtype=np.float32))


# ---- what goes in -----------------------------------------------------------------------------------------


RATES = "learning rate must be 0 or a positive number"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "epochs must be a whole number from 1 up, not 0"),
        ({"epochs": 1.5}, "epochs must be a whole number"),
        ({"batch_size": "8"}, "batch_size must be a whole number from 1 up, not '8'"),
        *(({"learning_rate": rate}, RATES) for rate in (-0.1, np.nan, "fast", lambda progress: None)),
        *(({"momentum": momentum}, "momentum must be") for momentum in (1, -0.1, np.nan, 0.99999999999)),
        *(({"l2": l2}, "l2 must be") for l2 in (-1, np.inf)),
        ({"validation": (np.zeros((5, 3)), np.zeros(5, int))}, r"\(5, 3\)"),
        ({"validation": (np.zeros((5, 16)), np.zeros(4, int))}, r"expected \(5,\)"),
        ({"validation": np.zeros((5, 16))}, r"validation must be a pair"),
        ({"images": np.zeros((4, 4), np.uint8)}, "one image"),
        ({"labels": np.full(50, 3)}, "classes 0 to 2"),
        ({"labels": np.zeros(49, int)}, r"\(49,\), expected \(50,\)"),
        ({"augment": 0.5}, "augment must be a function"),
        ({"augment": lambda batch, _: batch[:3]}, r"augment returned.*\(3, 4, 4\).*expected.*\(8, 4, 4\)"),
        ({"augment": lambda batch, _: None}, "augment returned.*NoneType"),
        ({"augment": lambda batch, _: batch.astype(int)}, "augment returned dtype int64.*uint8"),
        ({"callback": 5}, "callback must be a function"),
    ],
)
def test_arguments_that_make_no_sense_are_refused_and_nothing_is_changed(options, message):
    network = small_network(dtype=np.float32)
    with pytest.raises((ValueError, TypeError), match=message):
        quietly(network, **dict(zip(("images", "labels"), digits(), strict=True)) | options)
    assert equal(network, small_network(dtype=np.float32))


def test_training_never_has_the_whole_set_as_floats():
    images, labels = np.zeros((20_000, 28, 28), np.uint8), np.arange(20_000) % 10
    tracemalloc.start()
    for batch_size in (100, None):
        options = {"epochs": 1, "batch_size": batch_size, "validation": (images, labels)}
        quietly(Network((784, 32, 10)), images, labels, **options)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < images.nbytes  # as floats it would be four times its size, or eight
