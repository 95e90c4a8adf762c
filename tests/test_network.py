import pickle
import zipfile
from itertools import product

import numpy as np
import pytest

from mnistlib import ConvNetwork, train
from mnistlib.network import Network, cross_entropy, sigmoid, softmax

ACTIVATIONS = ("relu", "sigmoid")
OUTPUTS = ("softmax", "sigmoid")
KINDS = tuple(product(ACTIVATIONS, OUTPUTS))


def small_network(sizes=(6, 5, 4, 3), activation="relu", output="softmax", dtype=np.float64, seed=0):
    """A network whose biases are not zero either."""
    network = Network(sizes, activation, output, seed=seed, dtype=dtype)
    rng = np.random.default_rng(seed)
    for _, b in network.parameters:
        b[...] = rng.normal(0, 0.3, b.shape)
    return network


@pytest.fixture(params=["dense", "filters"])
def new_network(request):
    """Function of Network's options: a small network of either kind for 28 x 28 pixels; no bias is zero."""

    def make(**options):
        dense = request.param == "dense"
        network = Network((784, 20, 10), **options) if dense else ConvNetwork((2, 3), (4,), **options)
        network.flat += np.random.default_rng(0).normal(0, 0.05, network.flat.size)
        return network

    return make


def small_set(n=7, n_in=6, classes=3, seed=1):
    """Images of which half is exactly zero and one pixel always is, as in digits, and labels."""
    rng = np.random.default_rng(seed)
    images = rng.random((n, n_in)) * rng.integers(0, 2, (n, n_in))
    images[:, 0] = 0
    return images, rng.integers(0, classes, n)


def flatten(gradients):
    return np.concatenate([array.ravel() for layer in gradients for array in layer])


def central_differences(network, images, labels, l2=0.0, places=None, step=1e-5):
    """d loss / d parameter, (loss(p + step) − loss(p − step)) / 2 step, for every parameter, or some."""
    slopes = []
    for i in range(network.flat.size) if places is None else places:
        value = network.flat[i]
        network.flat[i] = value + step
        above = network.loss(images, labels, l2)
        network.flat[i] = value - step
        below = network.loss(images, labels, l2)
        network.flat[i] = value
        slopes.append((above - below) / (2 * step))
    return np.array(slopes)


# ---- gradients --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hidden", [(), (5,), (5, 4)], ids=["no hidden", "one hidden", "two hidden"])
@pytest.mark.parametrize("l2", [0.0, 0.1])
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_are_those_of_the_loss(activation, output, l2, hidden):
    network = small_network((6, *hidden, 3), activation, output)
    images, labels = small_set()

    loss, gradients = network.gradients(images, labels, l2)
    numeric = central_differences(network, images, labels, l2)

    exact = flatten(gradients)
    error = np.linalg.norm(exact - numeric) / (np.linalg.norm(exact) + np.linalg.norm(numeric))
    assert error < 1e-8
    assert np.abs(exact - numeric).max() < 1e-6 * np.abs(numeric).max()
    assert loss == pytest.approx(network.loss(images, labels, l2), rel=1e-12)
    for (W, b), (dW, db) in zip(network.parameters, gradients, strict=True):
        assert dW.shape == W.shape
        assert db.shape == b.shape


def test_gradients_are_fresh_arrays():
    network = small_network()
    images, labels = small_set()
    _, first = network.gradients(images, labels)
    kept = flatten(first)
    _, second = network.gradients(images, labels[::-1])
    assert not np.array_equal(flatten(second), kept)
    np.testing.assert_array_equal(flatten(first), kept)
    assert not any(np.shares_memory(array, network.flat) for layer in first for array in layer)


# ---- forward and loss -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("activation", "output"), KINDS)
def test_forward_is_the_formula_written_out(activation, output):
    network = small_network((4, 3, 2), activation, output)
    x = np.random.default_rng(2).random((5, 4))
    (W1, b1), (W2, b2) = network.parameters
    for i in range(5):
        z1 = [sum(x[i, k] * W1[k, j] for k in range(4)) + b1[j] for j in range(3)]
        h = [max(z, 0) if activation == "relu" else 1 / (1 + np.exp(-z)) for z in z1]
        z2 = np.array([sum(h[k] * W2[k, j] for k in range(3)) + b2[j] for j in range(2)])
        expected = np.exp(z2) / np.exp(z2).sum() if output == "softmax" else 1 / (1 + np.exp(-z2))
        np.testing.assert_allclose(network.forward(x)[i], expected)
        np.testing.assert_allclose(network.forward(x[i]), expected)
        np.testing.assert_allclose(network.activations(x)[1][i], h)


def test_losses_are_the_formulas_written_out():
    images, labels = small_set()
    network = small_network()
    p = network.forward(images)
    expected = -np.log(p[range(7), labels]).mean()
    assert network.loss(images, labels) == pytest.approx(expected)
    squares = sum((W**2).sum() for W, _ in network.parameters)
    assert network.loss(images, labels, 0.5) == pytest.approx(expected + 0.25 * squares)
    network = small_network(output="sigmoid")
    errors = network.forward(images) - np.eye(3)[labels]
    assert network.loss(images, labels) == pytest.approx((0.5 * (errors**2).sum(axis=1)).mean())


def test_activations_lists_every_layer_as_rows():
    network = small_network((6, 5, 4, 3))
    images, _ = small_set()
    layers = network.activations(images)
    assert [layer.shape for layer in layers] == [(7, 6), (7, 5), (7, 4), (7, 3)]
    np.testing.assert_array_equal(layers[0], images)
    np.testing.assert_array_equal(layers[-1], network.forward(images))
    assert [layer.shape for layer in network.activations(images[0])] == [(1, 6), (1, 5), (1, 4), (1, 3)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_huge_scores_neither_overflow_nor_lose_the_loss(dtype):
    """RuntimeWarning is an error in the tests: an overflow in exp would end this one."""
    z = np.array([[1e4, 0, -1e4], [-1e4, -1e4, 1e4]], dtype)
    np.testing.assert_array_equal(softmax(z), [[1, 0, 0], [0, 0, 1]])
    np.testing.assert_array_equal(sigmoid(z), [[1, 0.5, 0], [0, 0, 1]])
    np.testing.assert_allclose(cross_entropy(z, np.array([2, 2])), [2e4, 0])
    assert softmax(z).dtype == sigmoid(z).dtype == dtype

    for activation, output in KINDS:
        network = small_network(activation=activation, output=output, dtype=dtype)
        network.flat[...] *= 1e5
        images, labels = small_set()
        loss, gradients = network.gradients(images, labels)
        assert np.isfinite(loss)
        assert np.isfinite(flatten(gradients)).all()


def test_sigmoid_is_accurate_on_both_sides():
    z = np.linspace(-30, 30, 121)
    np.testing.assert_allclose(sigmoid(z), 1 / (1 + np.exp(-z)), rtol=1e-13)
    np.testing.assert_allclose(sigmoid(z) + sigmoid(-z), 1, rtol=1e-13)


# ---- prediction -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("output", OUTPUTS)
def test_probabilities_add_up_to_one_and_agree_with_predict(output):
    network = small_network(output=output, dtype=np.float32)
    images, _ = small_set(50)
    p = network.probabilities(images)
    assert p.shape == (50, 3)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(network.predict(images), p.argmax(axis=1))
    np.testing.assert_allclose(network.probabilities(images[0]), p[0], rtol=1e-5)
    assert network.predict(images[0]) == network.predict(images)[0]
    network.flat[...] = 0
    network.parameters[-1][1][...] = -1e4  # a sigmoid network now says no to everything
    np.testing.assert_allclose(network.probabilities(images), 1 / 3)


def test_many_images_are_scored_as_few_are(new_network):
    """Large sets are walked through in pieces; the seams must not show."""
    network = new_network(dtype=np.float64)
    images, labels = small_set(network.at_once + 45, 784, 10)
    few = [network.probabilities(image) for image in images]
    np.testing.assert_allclose(network.probabilities(images), few, rtol=1e-11)
    losses = [network.loss(image, label) for image, label in zip(images, labels, strict=True)]
    assert network.loss(images, labels) == pytest.approx(np.mean(losses))
    assert network.gradients(images, labels)[0] == pytest.approx(np.mean(losses))


# ---- the forms that images may have -----------------------------------------------------------------------


def test_every_form_of_the_same_images_gives_the_same_answer(new_network):
    rng = np.random.default_rng(5)
    stored = rng.integers(0, 256, (6, 28, 28)).astype(np.uint8)
    network = new_network()
    expected = network.forward(stored)
    assert expected.shape == (6, 10)
    single = (stored / 255).astype(np.float32)
    for form in (stored.reshape(6, 784), stored / 255, single.reshape(6, 784), np.asfortranarray(stored)):
        np.testing.assert_allclose(network.forward(form), expected, rtol=1e-4)
    for one in (stored[2], stored[2].ravel(), stored[2] / 255, stored[2].ravel() / 255):
        assert network.forward(one).shape == network.probabilities(one).shape == (10,)
        np.testing.assert_allclose(network.forward(one), expected[2], rtol=1e-4)


def test_inputs_scales_uint8_to_0_1_and_leaves_floats_alone():
    network = Network((4, 2))
    scaled = network.inputs(np.array([[0, 51, 102, 255]], np.uint8))
    np.testing.assert_array_equal(scaled, np.float32([[0, 0.2, 0.4, 1]]))
    floats = np.array([[0.0, 7.5, -2.0, 255.0]])
    np.testing.assert_array_equal(network.inputs(floats), floats)
    assert network.inputs(floats).dtype == np.float32
    assert floats.dtype == np.float64


def test_labels_may_be_any_integers():
    network = small_network()
    images, labels = small_set()
    expected = network.loss(images, labels)
    for form in (labels.astype(np.uint8), labels.astype(np.int32), labels.tolist()):
        assert network.loss(images, form) == expected
        assert network.gradients(images, form)[0] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("images", "error", "message"),
    [
        (np.zeros((3, 28, 27)), ValueError, r"\(3, 28, 27\).*\(N, 28, 28\)"),
        (np.zeros((3, 785)), ValueError, r"\(3, 785\).*\(N, 784\)"),
        (np.zeros((3, 1, 28, 28)), ValueError, r"\(3, 1, 28, 28\)"),
        (np.zeros((784, 3)), ValueError, r"\(784, 3\)"),
        (np.zeros(()), ValueError, r"\(\)"),
        (np.zeros((0, 28, 28), np.uint8), ValueError, "no images"),
        (np.zeros((3, 784), int), TypeError, "int64.*uint8"),
        (np.zeros((3, 784), bool), TypeError, "bool.*uint8"),
        (np.zeros((3, 784), complex), TypeError, "complex128"),
        (np.full((3, 784), "1"), TypeError, "uint8"),
        (np.full((3, 784), np.nan), ValueError, "NaN"),
        (np.full((3, 784), np.inf), ValueError, "infinity"),
        (np.full((3, 784), -1e300), ValueError, "from -1e[+]300 to -1e[+]300: scale them to 0..1"),
    ],
)
def test_images_that_do_not_fit_get_an_error_that_names_what_does(new_network, images, error, message):
    network, labels = new_network(), np.zeros(3, int)
    for call in (
        lambda: network.forward(images),
        lambda: network.predict(images),
        lambda: network.probabilities(images),
        lambda: network.activations(images),
        lambda: network.loss(images, labels),
        lambda: network.gradients(images, labels),
        lambda: train(network, images, labels, epochs=1, batch_size=2, learning_rate=0.1, progress=False),
    ):
        with pytest.raises(error, match=message):
            call()


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        ([0, 1], ValueError, r"\(2,\), expected \(3,\)"),
        ([[0], [1], [2]], ValueError, r"\(3, 1\), expected \(3,\)"),
        (np.eye(3)[[0, 1, 2]], ValueError, "argmax"),
        ([0, 1, 3], ValueError, "0 to 3.*classes 0 to 2"),
        ([0, -1, 2], ValueError, "-1 to 2"),
        ([0.0, 1.0, 2.0], TypeError, "float64.*integers"),
        ([True, False, True], TypeError, "bool"),
        (["0", "1", "2"], TypeError, "integers"),
    ],
)
def test_labels_that_do_not_fit_get_an_error_that_names_what_does(labels, error, message):
    network = small_network((6, 3))
    images, _ = small_set(3)
    with pytest.raises(error, match=message):
        network.loss(images, labels)
    with pytest.raises(error, match=message):
        network.gradients(images, labels)


# ---- construction -----------------------------------------------------------------------------------------


def test_parameters_are_views_of_one_vector():
    network = Network((4, 3, 2))
    assert [(W.shape, b.shape) for W, b in network.parameters] == [((4, 3), (3,)), ((3, 2), (2,))]
    assert network.flat.shape == (4 * 3 + 3 + 3 * 2 + 2,)
    before = network.forward(np.ones(4))
    network.parameters[1][1][...] = [5, -5]
    assert 5 in network.flat
    assert not np.allclose(network.forward(np.ones(4)), before)
    network.flat[...] = 0
    assert not any(W.any() or b.any() for W, b in network.parameters)


@pytest.mark.parametrize(("activation", "factor"), [("relu", 2), ("sigmoid", 1)])
def test_initial_weights_have_the_variance_that_keeps_signals_alive(activation, factor):
    network = Network((300, 400, 200, 50), activation, seed=7)
    for number, (W, b) in enumerate(network.parameters):
        expected = (factor if number < 2 else 1) / len(W)
        assert W.var() == pytest.approx(expected, rel=0.05)
        assert abs(W.mean()) < 0.05 * np.sqrt(expected)
        assert not b.any()


def test_the_seed_fixes_the_weights_in_either_precision():
    one, same, other = Network((5, 4, 3), seed=1), Network((5, 4, 3), seed=1), Network((5, 4, 3), seed=2)
    np.testing.assert_array_equal(one.flat, same.flat)
    assert not np.array_equal(one.flat, other.flat)
    double = Network((5, 4, 3), seed=1, dtype=np.float64)
    assert double.flat.dtype == double.forward(np.ones(5)).dtype == np.float64
    assert one.flat.dtype == one.forward(np.ones(5)).dtype == np.float32
    np.testing.assert_array_equal(double.flat.astype(np.float32), one.flat)


def test_repr_is_short_and_fixed():
    assert repr(Network((784, 128, 10))) == "Network(784-128-10, relu, softmax)"
    assert repr(Network([5, 2], "sigmoid", "sigmoid")) == "Network(5-2, sigmoid, sigmoid)"
    assert repr(ConvNetwork()) == "ConvNetwork(8-16 filters of 5 x 5, 128-10)"
    assert repr(ConvNetwork([3], (), size=3)) == "ConvNetwork(3 filters of 3 x 3, 10)"


def test_copies_and_pickles_go_their_own_way(new_network):
    network = new_network()
    images, _ = small_set(4, 784)
    expected = network.forward(images)
    for twin in (network.copy(), pickle.loads(pickle.dumps(network))):
        np.testing.assert_array_equal(twin.forward(images), expected)
        assert (type(twin), repr(twin), twin.dtype) == (type(network), repr(network), network.dtype)
        twin.flat[...] = 0  # must reach the twin's own weights, and only those
        assert not any(W.any() for W, _ in twin.parameters)
        np.testing.assert_array_equal(network.forward(images), expected)


NO_SIZES = [(), (784,), (784, 0, 10), (784, -3, 10), (784, 1), (784, 2.5, 10), "784", 784, (784, "10"), None]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        *(({"sizes": sizes}, r"sizes must .*784, 128, 10") for sizes in NO_SIZES),
        ({"activation": "tanh"}, "activation must be one of 'relu', 'sigmoid', not 'tanh'"),
        ({"output": "linear"}, "output must be one of 'softmax', 'sigmoid', not 'linear'"),
        ({"dtype": np.float16}, "dtype must be float32 or float64"),
        ({"dtype": "nonsense"}, "dtype must be float32 or float64"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Network(**{"sizes": (4, 3)} | options)


# ---- files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", [Network, ConvNetwork])
def test_a_saved_network_comes_back_exactly(tmp_path, new_network, kind, dtype):
    network = new_network(dtype=dtype)
    network.save(tmp_path / "net.npz")
    loaded = kind.load(tmp_path / "net.npz")  # whichever loads, it is what was saved
    np.testing.assert_array_equal(loaded.flat, network.flat)
    assert (type(loaded), repr(loaded)) == (type(network), repr(network))
    assert loaded.dtype == loaded.flat.dtype == dtype
    assert list(tmp_path.iterdir()) == [tmp_path / "net.npz"]


@pytest.mark.parametrize(("activation", "output"), KINDS)
def test_a_file_knows_what_the_layers_apply(tmp_path, activation, output):
    network = Network((9, 8, 7, 6), activation, output)
    network.save(tmp_path / "net.npz")
    assert repr(Network.load(tmp_path / "net.npz")) == repr(network)


def test_half_precision_halves_the_file_and_loads_as_float32(tmp_path):
    network = Network((50, 40, 10))
    network.save(tmp_path / "whole.npz")
    network.save(str(tmp_path / "half.npz"), dtype=np.float16)
    loaded = Network.load(str(tmp_path / "half.npz"))
    assert loaded.dtype == np.float32
    np.testing.assert_array_equal(loaded.flat, network.flat.astype(np.float16))
    assert (tmp_path / "half.npz").stat().st_size < 0.7 * (tmp_path / "whole.npz").stat().st_size
    network.flat[3] = 1e6
    with pytest.raises(ValueError, match="infinite"):
        network.save(tmp_path / "half.npz", dtype=np.float16)


def test_a_file_with_some_numbers_too_large_for_float32_loads_as_float64(whole, tmp_path):
    path = tmp_path / "mixed.npz"
    changed(W1=np.ones((4, 3), np.float32), W2=np.full((3, 2), 1e300))(whole, path)
    loaded = Network.load(path)
    assert loaded.dtype == np.float64
    assert loaded.flat.max() == 1e300


def test_saved_again_it_is_the_same_file_and_a_failed_save_leaves_it_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "net.npz"
    network = small_network()
    network.save(path)
    before = path.read_bytes()
    network.save(path)
    assert path.read_bytes() == before

    def fill_the_disk(file, **_):
        file.write(b"half of it")
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez", fill_the_disk)
    with pytest.raises(OSError, match="no space"):
        network.save(path)
    network.flat[0] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        network.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


class Bomb:
    """Unpickling this would raise ZeroDivisionError: code from the file had run."""

    def __reduce__(self):
        return (eval, ("1 / 0",))


@pytest.fixture
def whole(tmp_path):
    """The file of a small network."""
    small_network((4, 3, 2)).save(tmp_path / "whole.npz")
    return tmp_path / "whole.npz"


def changed(network=None, **changes):
    """A function that writes a network's file with some arrays replaced, or left out if None."""

    def write(whole, path):
        if network:
            network.save(whole)
        with np.load(whole) as file:
            arrays = dict(file) | changes
        np.savez(path, **{name: array for name, array in arrays.items() if array is not None})

    return write


def holding(content):
    """A function that writes a file of these bytes."""
    return lambda _, path: path.write_bytes(content)


def single_array(_, path):
    with open(path, "wb") as file:
        np.save(file, np.zeros(5))


def cut_short(whole, path):
    path.write_bytes(whole.read_bytes()[:-200])


def bit_flipped(whole, path):
    content = bytearray(whole.read_bytes())
    weights = small_network((4, 3, 2)).parameters[0][0].tobytes()
    content[content.index(weights) + 5] ^= 1
    path.write_bytes(content)


def zip_of_text(_, path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")


def w1_claims(shape):
    """A function that writes a network's file whose W1 says that it has this shape, and has three numbers."""

    def write(whole, path):
        header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}\n".encode()
        content = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(24)
        with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w") as archive:
            for name in source.namelist():
                archive.writestr(name, content if name == "W1.npy" else source.read(name))

    return write


def damaged_lzma(whole, path):
    pytest.importorskip("lzma", reason="this Python was built without LZMA, as a browser's is")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.write(whole, "W1.npy")
        start = 30 + len("W1.npy")  # after the archive's header
    content = bytearray(path.read_bytes())
    content[start + 4 : start + 9] = b"\xff" * 5  # what the packing was done with
    path.write_bytes(content)


FILTERS = ConvNetwork((2, 3), (4,))


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (holding(pickle.dumps(Bomb())), "not an .npz"),
        (changed(W1=np.array([Bomb()], object)), "allow_pickle|[Oo]bject arrays"),
        (single_array, "not an .npz"),
        (holding(b""), "not an .npz"),
        (holding(b"<html>not found</html>"), "not an .npz"),
        (holding(b"PK\x03\x04, but nothing else"), "damaged"),
        (cut_short, "damaged"),
        (bit_flipped, "damaged"),
        (zip_of_text, "readme.txt is not an array"),
        (w1_claims("(1000000000, 1000000)"), "damaged"),
        (w1_claims("(True, 3)"), "damaged"),
        (damaged_lzma, "damaged"),
        (changed(sizes=None), "'sizes' is missing"),
        (changed(output=None), "'output' is missing"),
        (changed(W2=None), "missing arrays.*W2"),
        (changed(b3=np.zeros(2)), "unexpected arrays.*b3"),
        (changed(W1=np.zeros((3, 4))), r"W1 has shape \(3, 4\), expected \(4, 3\)"),
        (changed(b1=np.zeros((3, 1))), r"b1 has shape \(3, 1\), expected \(3,\)"),
        (changed(W1=np.zeros((4, 3), int)), "W1 has dtype int64"),
        (changed(b2=np.array([0, np.nan])), "b2 contains NaN"),
        (changed(b2=np.array([0, -np.inf])), "b2 contains .*infinity"),
        (changed(sizes=np.array([4, 3])), "unexpected arrays.*W2"),
        (changed(sizes=np.array([4.0, 3.0, 2.0])), "whole numbers"),
        (changed(sizes=np.array([4, 3, -2])), "sizes must"),
        (changed(sizes=np.array(4)), "whole numbers"),
        (changed(sizes=np.full(10**6, 3)), "more than 1,000 layers"),
        (changed(sizes=np.array([10**9, 10**9, 2])), "W1 has shape"),
        (changed(activation=np.array("tanh")), "'tanh'"),
        (changed(output=np.array(3)), "output must"),
        (changed(FILTERS, size=None), "'size' is missing"),
        (changed(FILTERS, W1=np.zeros((5, 5, 1, 2))), r"W1 has shape \(5, 5, 1, 2\), expected \(25, 2\)"),
        (changed(FILTERS, filters=np.array([2, 0])), "filters must be whole numbers from 1 up"),
        (changed(FILTERS, filters=np.array(2)), "filters must be whole numbers"),
        (changed(FILTERS, filters=np.array([2, 10**9])), "W2 has shape"),
        (changed(FILTERS, size=np.array([5])), "size must be a whole number"),
        (changed(FILTERS, size=np.array("five")), "size must be a whole number"),
    ],
)
def test_a_file_that_is_no_whole_network_is_refused_by_name(whole, write, message):
    path = whole.with_name("broken.npz")
    write(whole, path)
    with pytest.raises(ValueError, match=rf"(?s)broken\.npz.*({message})"):
        Network.load(path)


def test_a_file_that_is_not_there_is_an_oserror(tmp_path):
    with pytest.raises(FileNotFoundError):
        Network.load(tmp_path / "nowhere.npz")
