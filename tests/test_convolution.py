"""The convolutional network: what it computes, its gradients, and what takes it as it takes Network."""

import numpy as np
import pytest
from test_network import central_differences, flatten

from mnistlib import ConvNetwork, SketchPad, accuracy, linear_decay, load_data, synthetic_digits, train
from mnistlib.augment import Distorter
from mnistlib.convolution import add_patches, patches, pool, unpool
from mnistlib.pen import sample_strokes
from mnistlib.sweep import sweep

SHAPES = {
    "as in notebook 10": {"filters": (3, 4), "hidden": (6,)},
    "one layer, nothing hidden": {"filters": (2,), "hidden": ()},
    "three layers of 3 x 3, odd maps": {"filters": (2, 3, 4), "hidden": (5, 4), "size": 3},
    "even filters": {"filters": (2, 3), "hidden": (4,), "size": 4},
    "filters of one pixel": {"filters": (2,), "hidden": (3,), "size": 1},
}
each_shape = pytest.mark.parametrize("options", SHAPES.values(), ids=SHAPES.keys())


def network_of(options, dtype=np.float64, seed=0):
    """A network whose biases are not zero either."""
    network = ConvNetwork(**options, seed=seed, dtype=dtype)
    rng = np.random.default_rng(seed)
    for _, b in network.parameters:
        b[...] = rng.normal(0, 0.3, b.shape)
    return network


def some_digits(n=5, seed=1):
    """Drawn digits: strokes with soft edges on bare paper, so many blocks of four are equal, as in MNIST."""
    return synthetic_digits(n, seed=seed)


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


def test_what_patches_took_apart_is_added_up_where_it_came_from():
    """The derivative of Σ rows · patches(images) by the images, as that of any linear function."""
    rng = np.random.default_rng(1)
    images, rows = rng.random((2, 7, 7, 3)), rng.normal(size=(2, 5, 5, 27))
    back = np.zeros_like(images)
    add_patches(rows, back, 3)
    other = rng.random(images.shape)
    assert (back * other).sum() == pytest.approx((rows * patches(other, 3)).sum())


def test_pooling_keeps_the_largest_and_an_odd_border_is_left_out():
    maps = np.arange(2 * 5 * 5 * 1.0).reshape(2, 5, 5, 1)
    np.testing.assert_array_equal(pool(maps)[0, ..., 0], [[6, 8], [16, 18]])
    assert pool(maps).shape == (2, 2, 2, 1)
    assert pool(-maps)[0, 0, 0, 0] == 0


def test_only_the_largest_gets_the_derivative_and_of_equal_ones_the_first():
    maps = np.array([[1.0, 5, 2, 2], [0, 3, 2, 2], [7, 0, 0, 0], [7, 0, 0, 4]]).reshape(1, 4, 4, 1)
    delta = np.array([[10.0, 20], [30, 40]]).reshape(1, 2, 2, 1)
    expected = [[0, 10, 20, 0], [0, 0, 0, 0], [30, 0, 0, 0], [0, 0, 0, 40]]
    np.testing.assert_array_equal(unpool(delta, maps)[0, ..., 0], expected)


# ---- gradients --------------------------------------------------------------------------------------------


@each_shape
@pytest.mark.parametrize("l2", [0.0, 0.1])
def test_gradients_are_those_of_the_loss(options, l2):
    network = network_of(options)
    images, labels = some_digits(4)
    loss, gradients = network.gradients(images, labels, l2)
    exact = flatten(gradients)
    assert loss == pytest.approx(network.loss(images, labels, l2), rel=1e-12)
    ends = np.cumsum([array.size for pair in network.parameters for array in pair])
    rng = np.random.default_rng(2)
    for start, end in zip([0, *ends[:-1]], ends, strict=True):  # up to 25 of every array
        places = rng.permutation(np.arange(start, end))[:25]
        measured = central_differences(network, images, labels, l2, places)
        np.testing.assert_allclose(measured, exact[places], rtol=1e-6, atol=1e-8)
    for (W, b), (dW, db) in zip(network.parameters, gradients, strict=True):
        assert (dW.shape, db.shape) == (W.shape, b.shape)


def test_blank_images_where_all_four_of_a_block_are_equal():
    """A bias moves all four, and the largest of them once: neither four times nor a quarter."""
    network = network_of({"filters": (3, 2), "hidden": (4,)})
    images, labels = np.zeros((2, 28, 28), np.uint8), np.array([3, 7])
    exact = flatten(network.gradients(images, labels)[1])
    biases = range(75, 78)  # the first layer's
    measured = central_differences(network, images, labels, places=biases)
    np.testing.assert_allclose(measured, exact[biases], rtol=1e-6, atol=1e-9)


@each_shape
@pytest.mark.parametrize("kind", [np.uint8, np.float64], ids=["uint8", "float64"])
def test_train_steps_along_the_gradients(options, kind):
    """A step of a training is the learning rate times what ``gradients`` says."""
    images, labels = some_digits(7)
    images = images if kind is np.uint8 else images / 255
    for n in (7, 3):
        network = network_of(options)
        expected = network.flat - 0.5 * flatten(network.gradients(images[:n], labels[:n], 0.01)[1])
        how = {"epochs": 1, "batch_size": None, "momentum": 0, "l2": 0.01, "progress": False}
        train(network, images[:n], labels[:n], learning_rate=0.5, **how)
        np.testing.assert_allclose(network.flat, expected, rtol=0, atol=1e-14)


def test_batches_larger_than_the_arrays_are_added_up():
    images, labels = some_digits(230)
    network = network_of({"filters": (2, 3), "hidden": (4,)})
    loss, gradients = network.gradients(images, labels)
    expected = network.flat - 0.1 * flatten(gradients)
    how = {"epochs": 1, "batch_size": None, "momentum": 0, "progress": False}
    history = train(network, images, labels, learning_rate=0.1, **how)
    np.testing.assert_allclose(network.flat, expected, rtol=0, atol=1e-13)
    assert history.loss[0] == pytest.approx(loss, rel=1e-12)


# ---- it is a Network --------------------------------------------------------------------------------------


def test_activations_lists_every_layer():
    layers = ConvNetwork((3, 4), (6,)).activations(some_digits(5)[0])
    assert [layer.shape for layer in layers] == [(5, 784), (5, 12, 12, 3), (5, 4, 4, 4), (5, 6), (5, 10)]
    assert [len(layer) for layer in ConvNetwork((3, 4), (6,)).activations(some_digits(1)[0][0])] == [1] * 5
    np.testing.assert_allclose(layers[-1].sum(axis=1), 1, rtol=1e-5)


def test_its_parameters_have_their_shapes_and_he_starts():
    network = ConvNetwork((40, 50), (60,), seed=3)
    shapes = [(W.shape, b.shape) for W, b in network.parameters]
    assert shapes == [((25, 40), (40,)), ((1000, 50), (50,)), ((800, 60), (60,)), ((60, 10), (10,))]
    for number, (W, b) in enumerate(network.parameters):
        assert W.var() == pytest.approx((2 if number < 3 else 1) / len(W), rel=0.2)
        assert not b.any()
    assert ConvNetwork().flat.size == 25 * 8 + 8 + 200 * 16 + 16 + 256 * 128 + 128 + 128 * 10 + 10 == 37_610


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"filters": ()}, "filters must name"),
        ({"filters": (8, 0)}, r"filters must be whole numbers from 1 up, .*not \(8, 0\)"),
        ({"filters": 8}, "filters must be whole numbers from 1 up, such as .*not 8"),
        ({"filters": (8, 2.5)}, "filters must be whole numbers"),
        ({"filters": "8"}, "filters must be whole numbers"),
        ({"hidden": (0,)}, r"hidden must be whole numbers from 1 up, .*not \(0,\)"),
        ({"hidden": 128}, "hidden must be whole numbers from 1 up, such as .*not 128"),
        ({"size": 0}, "size must be a whole number from 1 up, .*not 0"),
        ({"size": 2.5}, "size must be a whole number from 1 up, not 2.5"),
        ({"filters": (2, 2, 2)}, "3 layers of 5 x 5 filters leave nothing of 28 x 28 pixels"),
        ({"size": 29}, "leave nothing"),
        ({"dtype": np.float16}, "dtype must be float32 or float64"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        ConvNetwork(**options)


# ---- what takes a Network takes it ------------------------------------------------------------------------


def test_it_learns_distorted_digits_with_validation_and_schedule():
    sample = load_data("sample")
    validation = (sample.test_images[:500], sample.test_labels[:500])
    network = ConvNetwork((4, 8), (20,), seed=1)
    how = {"epochs": 4, "batch_size": 20, "learning_rate": linear_decay(0.03), "l2": 1e-5, "progress": False}
    how |= {"augment": Distorter(rotation=5, elastic=0.5), "validation": validation}
    history = train(network, sample.train_images[:3_000], sample.train_labels[:3_000], **how)
    assert history.validation_accuracy[-1] == accuracy(network, *validation) > 0.85
    assert history.validation_loss[-1] < history.validation_loss[0]


def test_the_pad_takes_it():
    network = ConvNetwork()
    pad = SketchPad(network)
    pad.strokes = sample_strokes(3, seed=1)
    np.testing.assert_allclose(pad.probabilities, network.probabilities(pad.image), rtol=1e-5)


def test_a_sweep_takes_filters():
    runs = [{"filters": (2, 3), "hidden": (5,)}, {"sizes": (784, 5, 10)}, {"filters": (2, 2, 2)}]
    results = sweep(runs, data="sample", epochs=1, learning_rate=0.1, progress=False)
    assert results[0].validation_accuracy > 0.1
    assert results[1].validation_accuracy is not None
    assert "leave nothing" in results[2].error
    assert "filters=(2, 3), hidden=(5,), learning_rate=0.1" in repr(results[0])
