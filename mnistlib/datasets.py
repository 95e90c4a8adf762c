"""Where the digits come from: a folder that you name, the project's own, the network, or the bundled sample.

Built in notebook 02, which reads the files itself; this finds them.

MNIST is 70,000 handwritten digits of 28 x 28 pixels, with the digit that each one shows, in four IDX files:

    train-images-idx3-ubyte.gz    60,000 images
    train-labels-idx1-ubyte.gz    60,000 labels, 0 to 9
    t10k-images-idx3-ubyte.gz     10,000 images to test on
    t10k-labels-idx1-ubyte.gz     10,000 labels

Any digits in four such files can be loaded, packed or unpacked: a class's own, for example.
"""

import os
import sys
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mnistlib.idx import IdxError, read_idx

ROOT = Path(__file__).resolve().parents[1]
VARIABLE = "MNIST_DATA_DIR"
SIDE = 28
NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
DRAWINGS = "drawings.json"  # of the drawing pad: a folder that has it may be written at any moment
PATIENCE = 2  # seconds to wait for the pad; it takes a fraction of one

# CRC-32 checksums of MNIST's numbers: they tell it from other digits in files of the same names and sizes
MNIST_CHECKSUMS = (0xF3639B56, 0xBA07E8EF, 0xE4CA5F57, 0xEE8604D9)


class DataError(RuntimeError):
    """The digits cannot be had. The message says which file or folder is at fault and what to do."""


class Digits(NamedTuple):
    """Images of digits and what they show, for training and for testing.

    train_images: (N, 28, 28) uint8, 0 paper to 255 ink; train_labels: (N,) uint8, 0 to 9; test_images and
    test_labels likewise. name: "MNIST", "sample" or "own digits".
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    name: str

    def __repr__(self) -> str:
        return f"Digits({self.name}: {self.counts})"

    @property
    def counts(self) -> str:
        """How many digits there are, in words."""
        return f"{len(self.train_images):,} training and {len(self.test_images):,} test digits"


def load_data(source: str | os.PathLike = "auto") -> Digits:
    """Load digits, and say in one line which ones they are and where they come from.

    source:
        "auto"    MNIST if it can be had, or else the bundled sample. MNIST is looked for in the folder that
                  the environment variable MNIST_DATA_DIR names; if that is not set, in data/mnist; and if it
                  is not there, it is downloaded to there.
        "mnist"   the same, but an error instead of the sample
        "sample"  the bundled sample
        a folder  the IDX files in it. One of the two pairs, train-… or t10k-…, may be absent: then there are
                  zero images and labels of it.
    A relative folder is looked for in the working directory, and then in the project's.

    Returns Digits, whose arrays are new and writable. A folder that MNIST_DATA_DIR names may hold digits
    other than MNIST ("mnist" refuses them), but must hold all four files.

    Raises DataError.
    """
    digits, line = find_data(source)
    print(line)
    return digits


def find_data(source: str | os.PathLike = "auto") -> tuple[Digits, str]:
    """What load_data does, but return (Digits, the line) instead of printing the line."""
    if source == "sample":
        return _sample()
    if source not in ("auto", "mnist"):
        return _describe(read_folder(_existing_folder(source)), f"from {source}")
    if os.environ.get(VARIABLE):
        return _named_by_variable(os.environ[VARIABLE], source)

    folder, place = _own_folder()
    with suppress(DataError):
        digits = read_folder(folder, complete=True)
        if digits.name == "MNIST":
            return _describe(digits, f"from {place}")
    reason = _download(folder)
    if not reason:
        return _describe(read_folder(folder, complete=True), f"downloaded to {place}")
    if any(_find_file(folder, name) for name in NAMES):
        reason += f"; the files in {place} are incomplete or damaged"
    if source == "auto":
        return _sample(reason)
    raise DataError(
        f"MNIST is not in {place} and could not be downloaded ({reason}). Put the four files "
        f"{', '.join(f'{name}.gz' for name in NAMES)} into {place}, or set the environment variable "
        f'{VARIABLE} to a folder that holds them; load_data("sample") does without'
    )


def data_files() -> dict[str, Path]:
    """The paths of the four files that load_data() reads, for those who want to open them by hand.

    Returns a dict: train_images, train_labels, test_images, test_labels. Downloads what load_data would.
    Raises DataError.
    """
    digits, _ = find_data()
    if os.environ.get(VARIABLE):
        folder = _existing_folder(os.environ[VARIABLE])
    else:
        folder = _own_folder()[0] if digits.name == "MNIST" else ROOT / "data" / "sample"
    return dict(zip(Digits._fields, (_find_file(folder, name) for name in NAMES), strict=False))


def read_folder(folder: str | os.PathLike, complete: bool = False) -> Digits:
    """The digits in a folder's IDX files, checked. complete: refuse a folder that lacks one of the two pairs.

    In a folder of drawings the four files belong together: while a pad writes into it, this waits.

    Returns Digits. Raises DataError.
    """
    folder = Path(folder)
    patience = time.monotonic() + PATIENCE
    while True:
        before = _last_written(folder)
        try:
            arrays = _read_pairs(folder, complete)
            if _last_written(folder) == before:
                break
            error = DataError(f"{folder} is changed all the time: try again")
        except DataError as caught:
            if not os.path.exists(folder / DRAWINGS):  # False, and no error, if we may not even look
                raise
            error = DataError(f"{caught}. A SketchPad on this folder writes its files anew")
        if time.monotonic() > patience:
            raise error
        time.sleep(0.01)
    if tuple(zlib.crc32(array) for array in arrays) == MNIST_CHECKSUMS:
        name = "MNIST"
    else:
        name = "sample" if folder.resolve() == ROOT / "data" / "sample" else "own digits"
    return Digits._make([*arrays, name])


def _read_pairs(folder, complete):
    """The four arrays of a folder; those of an absent pair are empty, unless the folder shall be complete."""
    if not any(_find_file(folder, name) for name in NAMES):
        raise DataError(f"{folder} lacks {NAMES[0]}.gz and the like: see data/README.md")
    arrays = []
    for names in (NAMES[:2], NAMES[2:]):
        paths = [_find_file(folder, name) for name in names]
        lacking = [f"{name}.gz" for name, path in zip(names, paths, strict=True) if path is None]
        if len(lacking) == 2 and not complete:
            arrays += [np.zeros((0, SIDE, SIDE), np.uint8), np.zeros(0, np.uint8)]
        elif lacking:
            raise DataError(f"{folder} lacks {' and '.join(lacking)} (or unpacked, without .gz)")
        else:
            arrays += _read_pair(*paths)
    return arrays


def _read_pair(images_path, labels_path):
    """Images (N, 28, 28) and labels (N,), checked: also files that are well-formed may hold no digits."""
    try:
        images, labels = read_idx(images_path), read_idx(labels_path)
    except IdxError as error:
        raise DataError(f"{error}. Delete that file, and get it again") from error
    except OSError as error:
        raise DataError(f"{error.filename} cannot be read: {error.strerror}") from error
    for array, path, shape, what in (
        (images, images_path, (SIDE, SIDE), f"images: uint8 (N, {SIDE}, {SIDE})"),
        (labels, labels_path, (), "labels: uint8 (N,)"),
    ):
        if array.dtype != np.uint8 or array.shape[1:] != shape:
            raise DataError(f"{path}: found {array.dtype} {array.shape}, expected {what}")
    if (wrong := np.flatnonzero(labels > 9)).size:
        raise DataError(f"{labels_path}: label {wrong[0]} is {labels[wrong[0]]}, expected 0 to 9")
    if len(images) != len(labels):
        raise DataError(
            f"{images_path} holds {len(images):,} images, but {labels_path} {len(labels):,} labels"
        )
    return images, labels


def _last_written(folder):
    """The state of the file that pad/collection.py takes away first and writes last; None without it."""
    with suppress(OSError):
        status = (folder / NAMES[3]).stat()
        return status.st_ino, status.st_mtime_ns


def _describe(digits, place):
    """The digits and the line that says what they are."""
    titles = {"sample": "The bundled sample stands in for MNIST", "own digits": "Digits other than MNIST"}
    return digits, f"{titles.get(digits.name, digits.name)}: {digits.counts}, {place}."


def _sample(reason=""):
    """The bundled sample, and the line that says so and why."""
    try:
        digits = read_folder(ROOT / "data" / "sample", complete=True)
    except DataError as error:
        why = f"MNIST cannot be had ({reason}), and the" if reason else "The"
        raise DataError(f"{why} bundled sample cannot be read: {error}") from error
    return _describe(digits, "from data/sample" + (f" ({reason})" if reason else ""))


def _named_by_variable(value, source):
    """The digits in the folder that MNIST_DATA_DIR names. If it is wrong, nothing else is tried instead."""
    try:
        digits = read_folder(_existing_folder(value), complete=True)
        if source == "mnist" and digits.name != "MNIST":
            raise DataError(f"{value} holds digits other than MNIST")
    except DataError as error:
        raise DataError(
            f"The environment variable {VARIABLE} is set, but {error}. Correct it or unset it"
        ) from error
    return _describe(digits, f"from {VARIABLE}")


def _download(folder):
    """Fetch MNIST into a folder. Returns the reason why that was not possible, or "" if it was."""
    if sys.platform == "emscripten":  # which may not ask the mirrors
        return "in a browser"
    # Imported only now: it takes longer to import than the rest of this room, and is hardly ever needed
    from mnistlib.plumbing.download import DownloadError, download

    try:
        download(folder)
    except DownloadError as error:
        return str(error)
    return ""


def _own_folder():
    """Where the project keeps MNIST, and how to call it: data/mnist, or a cache if there is no checkout."""
    if (ROOT / "data").is_dir():
        return ROOT / "data" / "mnist", "data/mnist"
    import pooch

    folder = Path(pooch.os_cache("mnistlib"))
    return folder, str(folder).replace(str(Path.home()), "~")


def _existing_folder(given):
    """The folder that a user means by a path: relative to the working directory or to the project."""
    if not isinstance(given, str | os.PathLike):
        raise DataError(f'a source is "auto", "mnist", "sample" or a folder, not {given!r}')
    for folder in (Path(os.path.expanduser(given)), ROOT / given):
        if os.path.isdir(folder):  # False, and no error, if we may not even look
            return folder
    raise DataError(f'there is no folder {given} (nor a source of that name: "auto", "mnist", "sample")')


def _find_file(folder, name):
    """The path of a file in one of the forms in which it goes about, or None."""
    # The packed form comes first because it has a checksum; some programs write a dot instead of the hyphen
    dotted = name.replace("-idx", ".idx")
    for form in (f"{name}.gz", name, f"{dotted}.gz", dotted):
        if os.path.isfile(folder / form):  # False, and no error, if we may not even look
            return folder / form
    return None
