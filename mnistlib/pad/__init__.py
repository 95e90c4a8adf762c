"""The drawing pad, and the folder in which it keeps digits."""

from mnistlib.pad.collection import Collection
from mnistlib.pad.sketchpad import SketchPad

__all__ = ["Collection", "SketchPad"]
