"""What a convolutional network computes that another does not, and its gradients. See also test_network."""

import numpy as np
import pytest
from test_network import central_differences, check_gradients, flatten, with_biases

from mnistlib import ConvNetwork, synthetic_digits, train
from mnistlib.convolution import patches, pool
from mnistlib.sweep import sweep

SHAPES = {
    "as in notebook 10": {"filters": (3, 4), "hidden": (6,)},
    "one layer, nothing hidden": {"filters": (2,), "hidden": ()},
    "three layers of 3 x 3, odd maps": {"filters": (2, 3, 4), "hidden": (5, 4), "size": 3},
    "even filters": {"filters": (2, 3), "hidden": (4,), "size": 4},
    "filters of one pixel": {"filters": (2,), "hidden": (3,), "size": 1},
}
each_shape = pytest.mark.parametrize("options", SHAPES.values(), ids=SHAPES.keys())


def network_of(options):
    return with_biases(ConvNetwork(**options, dtype=np.float64))


def some_digits(n):
    """Drawn digits: strokes with soft edges on bare paper, so many blocks of four are equal, as in MNIST."""
    return synthetic_digits(n, seed=1)


# ---- the parts --------------------------------------------------------------------------------------------


def test_patches_and_filters_are_the_sums_written_out():
    rng = np.random.default_rng(0)
    images, W, b = rng.random((2, 6, 6, 3)), rng.normal(size=(3 * 2 * 2, 4)), rng.normal(size=4)
    answers = patches(images, 2) @ W + b
    filters = W.reshape(3, 2, 2, 4)
    assert answers.shape == (2, 5, 5, 4)
    for n, y, x, f in ((0, 0, 0, 0), (1, 4, 4, 3), (0, 3, 1, 2)):
        seen = images[n, y : y + 2, x : x + 2].transpose(2, 0, 1)  # (channels, size, size)
        assert answers[n, y, x, f] == pytest.approx((seen * filters[..., f]).sum() + b[f])


def test_pooling_keeps_the_largest_and_an_odd_border_is_left_out():
    maps = np.arange(2 * 5 * 5 * 1.0).reshape(2, 5, 5, 1)
    np.testing.assert_array_equal(pool(maps)[0, ..., 0], [[6, 8], [16, 18]])
    assert pool(maps).shape == (2, 2, 2, 1)
    assert pool(-maps)[0, 0, 0, 0] == 0


def test_activations_lists_every_layer():
    images, _ = some_digits(5)
    for n in (5, 1):
        layers = ConvNetwork((3, 4), (6,)).activations(images[:n])
        assert [layer.shape for layer in layers] == [(n, 784), (n, 12, 12, 3), (n, 4, 4, 4), (n, 6), (n, 10)]


# ---- gradients --------------------------------------------------------------------------------------------


@each_shape
@pytest.mark.parametrize("l2", [0.0, 0.1])
def test_gradients_are_those_of_the_loss(options, l2):
    check_gradients(network_of(options), *some_digits(4), l2)


def test_blank_images_where_all_four_of_a_block_are_equal():
    """A bias moves all four, and the largest of them once: neither four times nor a quarter."""
    network = network_of({"filters": (3, 2), "hidden": (4,)})
    images, labels = np.zeros((2, 28, 28), np.uint8), np.array([3, 7])
    exact = flatten(network.gradients(images, labels)[1])
    biases = range(75, 78)  # the first layer's
    measured = central_differences(network, images, labels, 0, biases)
    np.testing.assert_allclose(measured, exact[biases], rtol=1e-6, atol=1e-9)


@each_shape
@pytest.mark.parametrize("kind", [np.uint8, np.float64], ids=["uint8", "float64"])
def test_train_steps_along_the_gradients(options, kind):
    """A step of a training is the learning rate times what ``gradients`` says, also of a batch in pieces."""
    images, labels = some_digits(7)
    images = images if kind is np.uint8 else images / 255
    for n, at_once in ((7, 100), (3, 100), (7, 3)):
        network = network_of(options)
        network.at_once = at_once
        expected = network.flat - 0.5 * flatten(network.gradients(images[:n], labels[:n], 0.01)[1])
        loss = network.loss(images[:n], labels[:n])
        how = {"epochs": 1, "batch_size": None, "momentum": 0, "l2": 0.01, "progress": False}
        history = train(network, images[:n], labels[:n], learning_rate=0.5, **how)
        np.testing.assert_allclose(network.flat, expected, rtol=0, atol=1e-14)
        assert history.loss == [pytest.approx(loss, rel=1e-12)]


# ---- what goes in -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"filters": ()}, "filters must name"),
        ({"filters": (8, 0)}, r"filters must be whole numbers from 1 up, .*not \(8, 0\)"),
        ({"filters": 8}, "filters must be whole numbers from 1 up, such as .*not 8"),
        ({"hidden": (0,)}, r"hidden must be whole numbers from 1 up, .*not \(0,\)"),
        ({"size": 0}, "size must be a whole number from 1 up, .*not 0"),
        ({"size": 2.5}, "size must be a whole number from 1 up, not 2.5"),
        ({"filters": (2, 2, 2)}, "3 layers of 5 x 5 filters leave nothing of 28 x 28 pixels"),
        ({"size": 29}, "leave nothing"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        ConvNetwork(**options)


def test_a_sweep_takes_filters():
    runs = [{"filters": (2, 3), "hidden": (5,)}, {"sizes": (784, 5, 10)}, {"filters": (2, 2, 2)}]
    results = sweep(runs, data="sample", epochs=1, learning_rate=0.1, progress=False)
    assert results[0].validation_accuracy > 0.1
    assert results[1].validation_accuracy is not None
    assert "leave nothing" in results[2].error
    assert "filters=(2, 3), hidden=(5,), learning_rate=0.1" in repr(results[0])
