"""Labelled drawings in a folder: what a learner collects with the drawing pad, kept for good.

The folder holds

    drawings.json              every drawing as strokes with its label, in the order of collecting
    train-images-idx3-ubyte    the same drawings as MNIST-like images, in four files as MNIST has them:
    train-labels-idx1-ubyte    the 1st, 3rd, 5th … drawing of each digit for training,
    t10k-images-idx3-ubyte     the 2nd, 4th … for testing
    t10k-labels-idx1-ubyte
    .lock                      an empty file; who has it locked may write

drawings.json is what counts. The IDX files are made from it whenever it changes, and when a collection is
opened that does not find them as they should be. They are a unit: t10k-labels is taken away first and written
last, so while it is there, and stays the same file, the other three belong to it. `load_data` relies on that.

Several collections may use one folder, in several threads, kernels and computers. Where locks don't work (in
some network folders), two kernels that keep a drawing within the same hundredths of a second may still lose
one of them; within one kernel nothing is lost.
"""

import json
import threading
from collections.abc import Iterable
from contextlib import contextmanager, nullcontext, suppress
from os import PathLike, fstat, stat
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mnistlib.idx import IdxError, read_idx, write_idx
from mnistlib.pen import checked_strokes, rasterise
from mnistlib.plumbing.files import atomic_write, locked

FORMAT = "mnistlib drawings 1"
_one_thread = threading.RLock()  # of this kernel, for all its collections


class Drawing(NamedTuple):
    """A drawing and the digit it shows. strokes: list of (n, 2) arrays; image: (28, 28) uint8."""

    label: int
    strokes: list
    image: np.ndarray
    line: str  # how it stands in drawings.json


class Collection:
    """Labelled drawings, in memory and, if `folder` is not None, in a folder.

    Raises ValueError if the folder's drawings.json cannot be understood.
    """

    def __init__(self, folder: str | PathLike | None = None):
        self.folder = None if folder is None else Path(folder)
        self._saved: list[Drawing] = []
        self._unsaved: list[Drawing] = []  # what could not be written; the next save tries again
        self._own: list[str] = []  # lines of what this collection added, for `remove_last`
        self._seen = None  # which state of the file self._saved shows
        self._refresh()
        if self._seen is not None:
            self._repair()

    def __len__(self) -> int:
        return len(self.drawings)

    @property
    def drawings(self) -> list[Drawing]:
        """All drawings, oldest first."""
        with _one_thread:
            self._refresh()
            return self._saved + self._unsaved

    @property
    def unsaved(self) -> int:
        """How many of them could not be written yet."""
        return len(self._unsaved)

    @property
    def own(self) -> int:
        """How many drawings `remove_last` could remove at most."""
        return len(self._own)

    @property
    def images(self) -> np.ndarray:
        """(n, 28, 28) uint8, oldest first."""
        return _arrays(self.drawings)[0]

    @property
    def labels(self) -> np.ndarray:
        """(n,) uint8, oldest first."""
        return _arrays(self.drawings)[1]

    @property
    def counts(self) -> np.ndarray:
        """How many drawings there are of each digit: (10,) integers."""
        return np.bincount(self.labels, minlength=10)

    def add(self, strokes: Iterable, label: int) -> None:
        """Keep a drawing. `strokes` as `rasterise` takes them, `label` a digit from 0 to 9.

        Raises ValueError for what is no drawing or no digit, and if drawings.json has been damaged, OSError
        if the folder cannot be written. In the last two cases the drawing is still kept in memory.
        """
        drawing = _drawing(label, strokes)
        if not drawing.image.any():
            raise ValueError("there is nothing to keep: draw something first")
        with _one_thread:
            self._unsaved.append(drawing)
            self._own.append(drawing.line)
            with self._alone():
                self._save(self._saved + self._unsaved)

    def remove_last(self) -> int | None:
        """Forget the drawing that this collection added last, and return its label; None if there is none.

        What others have added to the folder stays. Raises OSError if the folder cannot be written; then
        nothing is forgotten.
        """
        if not self._own:
            return None
        with self._alone():
            drawings = self._saved + self._unsaved
            lines = [drawing.line for drawing in drawings]
            self._own = [line for line in self._own if line in lines]  # others may have taken some out
            if not self._own:
                return None
            place = len(lines) - 1 - lines[::-1].index(self._own[-1])
            if place >= len(self._saved):
                del self._unsaved[place - len(self._saved)]
            else:
                self._save(drawings[:place] + drawings[place + 1 :])
            self._own.pop()
            return drawings[place].label

    # -- the files ----------------------------------------------------------------------------------------

    @contextmanager
    def _alone(self):
        """Nobody else writes into the folder, and self._saved is what its file holds."""
        with _one_thread, locked(self.folder / ".lock") if self.folder else nullcontext():
            self._refresh()
            yield

    def _refresh(self):
        """Read drawings.json if it is not the file that was read or written last."""
        if self.folder is None:
            return
        path = self.folder / "drawings.json"
        try:
            state = _state(stat(path))
        except OSError:  # there is no file, or it is out of reach
            state = None
        if state is not None and state != self._seen:
            self._saved = _read(path, known={drawing.line: drawing for drawing in self._saved})
        self._seen = state

    def _save(self, drawings):
        """Make these the drawings of the folder, or of the memory if there is no folder."""
        if self.folder is not None:
            with atomic_write(self.folder / "drawings.json") as file:
                lines = ",\n".join(drawing.line for drawing in drawings)
                file.write(f'{{"format": "{FORMAT}", "drawings": [\n{lines}\n]}}\n'.encode())
                file.flush()
                self._seen = _state(fstat(file.fileno()))  # of this file, whatever others do meanwhile
        self._saved, self._unsaved = drawings, []
        if self.folder is not None:
            self._export()

    def _files(self):
        """The IDX files' names and arrays; the one that is written last is the last."""
        images, labels = _arrays(self._saved)
        training = np.zeros(len(labels), bool)
        for digit in range(10):
            training[np.flatnonzero(labels == digit)[::2]] = True
        testing = ~training
        return {
            "train-images-idx3-ubyte": images[training],
            "train-labels-idx1-ubyte": labels[training],
            "t10k-images-idx3-ubyte": images[testing],
            "t10k-labels-idx1-ubyte": labels[testing],
        }

    def _export(self):
        arrays = self._files()
        (self.folder / list(arrays)[-1]).unlink(missing_ok=True)
        for name, array in arrays.items():
            write_idx(self.folder / name, array)

    def _repair(self):
        """Write the IDX files if they are not what drawings.json says: a kernel may have died meanwhile."""
        with suppress(OSError, IdxError):
            if all(np.array_equal(read_idx(self.folder / name), x) for name, x in self._files().items()):
                return
        with suppress(OSError), self._alone():  # a folder that we may only read is no reason to fail
            self._export()


def checked_label(label: int) -> int:
    """Return the label as an int from 0 to 9, or raise ValueError."""
    if isinstance(label, (int, np.integer)) and not isinstance(label, bool) and 0 <= label <= 9:
        return int(label)
    raise ValueError(f"a label is a digit from 0 to 9, not {label!r}")


def _drawing(label, strokes):
    label, strokes = checked_label(label), [stroke.copy() for stroke in checked_strokes(strokes)]
    line = json.dumps({"label": label, "strokes": [stroke.tolist() for stroke in strokes]})
    return Drawing(label, strokes, rasterise(strokes), line)


def _arrays(drawings):
    images = np.array([drawing.image for drawing in drawings], np.uint8).reshape(-1, 28, 28)
    return images, np.array([drawing.label for drawing in drawings], np.uint8)


def _state(status):
    """Something that changes whenever a file does, from what `stat` says of it."""
    return status.st_ino, status.st_mtime_ns, status.st_size


def _read(path, known):
    """The drawings in a file. Those that are `known`, {line: Drawing}, need not be rasterised again."""
    if path.is_dir():
        raise ValueError(f"{path} is a folder, and should be the file of drawings: move it away")
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))  # Windows' editor puts a mark in front
        if content["format"] != FORMAT:
            raise ValueError(f"its format is {content['format']!r}, not {FORMAT!r}")
        drawings = []
        for entry in content["drawings"]:
            line = json.dumps({"label": entry["label"], "strokes": entry["strokes"]})
            drawings.append(known.get(line) or _drawing(entry["label"], entry["strokes"]))
        return drawings
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(
            f"{path} is not a file of drawings that the pad has written ({type(error).__name__}: {error}). "
            f"Mend it, or move it away to start afresh."
        ) from error
