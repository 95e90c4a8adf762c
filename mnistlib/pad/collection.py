"""Labelled drawings in a folder: what a learner collects with the drawing pad, kept for good.

The folder holds

    drawings.json              every drawing as strokes with its label, in the order of collecting
    train-images-idx3-ubyte    the same drawings as MNIST-like images, in four files as MNIST has them:
    train-labels-idx1-ubyte    the 1st, 3rd, 5th … drawing of each digit for training,
    t10k-images-idx3-ubyte     the 2nd, 4th … for testing
    t10k-labels-idx1-ubyte

drawings.json is what counts. The IDX files are made from it whenever it changes, so they can also be made
again when the preprocessing changes.
"""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mnistlib.idx import write_idx
from mnistlib.pen import rasterise
from mnistlib.plumbing.files import atomic_write

FORMAT = "mnistlib drawings 1"


class Drawing(NamedTuple):
    """A drawing and the digit it shows. strokes: list of (n, 2) arrays; image: (28, 28) uint8."""

    label: int
    strokes: list
    image: np.ndarray


class Collection:
    """Labelled drawings, in memory and, if `folder` is not None, in a folder.

    Several collections may use one folder, also in several kernels: each looks for what others have added
    before it adds its own. Raises ValueError if the folder's drawings.json cannot be understood.
    """

    def __init__(self, folder=None):
        self.folder = None if folder is None else Path(folder)
        self._drawings = []
        self._unsaved = []  # what could not be written; the next save tries again
        self._seen = None  # which state of the file self._drawings shows
        self._refresh()

    def __len__(self):
        return len(self.drawings)

    @property
    def drawings(self):
        """All drawings, oldest first."""
        self._refresh()
        return self._drawings + self._unsaved

    @property
    def images(self):
        """(n, 28, 28) uint8, oldest first."""
        return _images(self.drawings)

    @property
    def labels(self):
        """(n,) uint8, oldest first."""
        return _labels(self.drawings)

    @property
    def counts(self):
        """How many drawings there are of each digit: (10,) integers."""
        return np.bincount(self.labels, minlength=10)

    def add(self, strokes, label):
        """Keep a drawing. `strokes` as `rasterise` takes them, `label` a digit from 0 to 9.

        Raises OSError if the folder cannot be written; the drawing is then still kept in memory.
        """
        label = checked_label(label)
        strokes = [np.array(stroke, float).reshape(-1, 2) for stroke in strokes if len(stroke)]
        image = rasterise(strokes)
        if not image.any():
            raise ValueError("there is nothing to keep: draw something first")
        self._unsaved.append(Drawing(label, strokes, image))
        self._refresh()
        self._save()

    def remove_last(self):
        """Forget the drawing that was kept last, and return its label; None if there is none."""
        drawings = self.drawings
        if not drawings:
            return None
        self._drawings, self._unsaved = drawings[:-1], []
        self._save()
        return drawings[-1].label

    # -- the files ----------------------------------------------------------------------------------------

    @property
    def _path(self):
        return self.folder / "drawings.json"

    def _refresh(self):
        """Read drawings.json if it is not the file that was read or written last."""
        if self.folder is None:
            return
        state = _state(self._path)
        if state is not None and state != self._seen:
            self._drawings = _read(self._path)
        self._seen = state

    def _save(self):
        drawings = self._drawings + self._unsaved
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            with atomic_write(self._path) as file:
                file.write(_to_json(drawings).encode())
            self._seen = _state(self._path)
        self._drawings, self._unsaved = drawings, []
        if self.folder is not None:
            self._export()

    def _export(self):
        halves = {"train": [], "t10k": []}
        so_far = np.zeros(10, int)
        for drawing in self._drawings:
            halves["train" if so_far[drawing.label] % 2 == 0 else "t10k"].append(drawing)
            so_far[drawing.label] += 1
        for name, drawings in halves.items():
            write_idx(self.folder / f"{name}-images-idx3-ubyte", _images(drawings))
            write_idx(self.folder / f"{name}-labels-idx1-ubyte", _labels(drawings))


def checked_label(label):
    """Return the label as an int from 0 to 9, or raise ValueError."""
    if isinstance(label, (int, np.integer)) and 0 <= label <= 9:
        return int(label)
    raise ValueError(f"a label is a digit from 0 to 9, not {label!r}")


def _images(drawings):
    return np.array([drawing.image for drawing in drawings], np.uint8).reshape(-1, 28, 28)


def _labels(drawings):
    return np.array([drawing.label for drawing in drawings], np.uint8)


def _state(path):
    """Something that changes whenever the file does; None if there is no file, or it is out of reach."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _to_json(drawings):
    """One line for each drawing, so that the file can be read, compared and mended by hand."""
    lines = [
        json.dumps({"label": d.label, "strokes": [stroke.tolist() for stroke in d.strokes]}) for d in drawings
    ]
    return f'{{"format": "{FORMAT}", "drawings": [\n' + ",\n".join(lines) + "\n]}\n"


def _read(path):
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise ValueError(f"its format is {content['format']!r}, not {FORMAT!r}")
        return [_from_json(entry) for entry in content["drawings"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path} is not a file of drawings that the pad has written ({type(error).__name__}: {error}). "
            f"Mend it, or move it away to start afresh."
        ) from error


def _from_json(entry):
    strokes = [np.array(stroke, float).reshape(-1, 2) for stroke in entry["strokes"]]
    return Drawing(checked_label(entry["label"]), strokes, rasterise(strokes))
