"""IDX files and arrays: the file format in which MNIST is published. Built in notebook 02.

An IDX file is a header and then the numbers themselves, one after the other, the last index running fastest:

    byte 0, 1    0, 0
    byte 2       the type of the numbers (see TYPES)
    byte 3       how many dimensions the array has
    then         the length of each dimension, 4 bytes each, unsigned, most significant byte first
    then         the numbers, most significant byte first

So 00 00 08 03 starts an array of unsigned bytes in three dimensions, such as 60,000 images of 28 x 28 pixels.
The format is described on the page of LeCun, Cortes & Burges, "The MNIST database of handwritten digits"
(1998).
"""

import gzip
import io
import math
import os
import sys
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from mnistlib.plumbing.files import atomic_write

# type code -> numpy's type, ">" meaning "most significant byte first"
TYPES: dict[int, np.dtype] = {
    0x08: np.dtype("u1"),
    0x09: np.dtype("i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
GZIP_START = b"\x1f\x8b"
PIECE = 1 << 18  # bytes unpacked at a time: small enough to stay in the processor's cache
MOST_PACKED = 1032  # times that gzip makes anything smaller at best (zlib, "Technical Details")
MOST_DIMENSIONS = 64  # numpy's own limit


class IdxError(ValueError):
    """A file is not a well-formed IDX file, or an array cannot become one. The message says where and why."""


def read_idx(path_or_bytes: str | os.PathLike | bytes | bytearray | memoryview) -> np.ndarray:
    """Read an IDX file into an array.

    path_or_bytes: the file's path, or its content as bytes; raw or packed with gzip, which is told by the
    content and not by the name. A gzip file of several members counts as one stream, as in RFC 1952.

    Returns a new, writable array in the machine's own byte order, of type uint8, int8, int16, int32, float32
    or float64. Memory grows with the bytes that are really there, not with what the header promises.

    Raises IdxError, naming the byte (counted in the unpacked data), what was found and what was expected; a
    file that does not exist raises FileNotFoundError as usual.
    """
    if isinstance(path_or_bytes, (bytes, bytearray, memoryview)):
        return _read(io.BytesIO(path_or_bytes), "the bytes given")
    path = Path(path_or_bytes)
    if path.is_dir():
        raise IdxError(f"{path}: is a folder, expected an IDX file")
    with open(path, "rb") as file:
        return _read(file, str(path))


def write_idx(path: str | os.PathLike, array: ArrayLike) -> None:
    """Write an array as an IDX file, packed with gzip if the name ends in ".gz".

    array: of type uint8, int8, int16, int32, float32 or float64, with one dimension or more.

    The same array gives the same bytes each time (gzip's time stamp is left at 0). The file appears only when
    it is whole. Raises IdxError for an array that the format cannot hold.
    """
    array = np.asarray(array)
    codes = [code for code, dtype in TYPES.items() if dtype == array.dtype.newbyteorder(">")]
    if not codes:
        names = ", ".join(dtype.name for dtype in TYPES.values())
        raise IdxError(f"IDX has no type for {array.dtype}: convert it by array.astype(…) to one of {names}")
    if array.ndim == 0:
        raise IdxError("IDX needs at least one dimension: found a single number")
    if any(length >= 2**32 for length in array.shape):
        raise IdxError(f"IDX counts each dimension with 4 bytes: the shape {array.shape} is too long")
    header = bytes([0, 0, codes[0], array.ndim]) + np.array(array.shape, dtype=">u4").tobytes()
    content = header + array.astype(TYPES[codes[0]]).tobytes()
    if str(path).endswith(".gz"):
        content = gzip.compress(content, mtime=0)
    with atomic_write(path) as file:
        file.write(content)


def _read(file, name):
    """The array in an open file (raw or gzip) that errors shall call `name`."""
    packed = file.read(2) == GZIP_START
    most = file.seek(0, io.SEEK_END) * (MOST_PACKED if packed else 1)
    file.seek(0)
    stream = gzip.GzipFile(fileobj=file) if packed else file
    try:
        dtype, shape = _read_header(stream)
        payload = _read_numbers(stream, most, dtype, shape)
    except IdxError as error:
        raise IdxError(f"{name}: {error}") from None
    except EOFError as error:
        what = "the end of the gzip file, expected more: it was cut short"
        raise IdxError(f"{name}: byte {stream.tell()}: found {what}") from error
    except (zlib.error, gzip.BadGzipFile) as error:
        what = f"damage in the gzip packing ({error}), expected whole gzip data"
        raise IdxError(f"{name}: byte {stream.tell()}: found {what}") from error
    array = np.frombuffer(payload, dtype).reshape(shape)
    return array.astype(dtype.newbyteorder("="), copy=False)


def _read_header(stream):
    """The dtype and the shape that a stream's first bytes announce."""
    start = stream.read(4)
    if start[:2] != b"\0\0"[: len(start)]:
        page = " (it looks like a web page)" if start.lstrip().startswith(b"<") else ""
        raise IdxError(f"byte 0: found {start[:2].hex(' ')}{page}, expected 00 00 as in every IDX file")
    if len(start) < 4:
        raise IdxError(f"byte {len(start)}: found the end, expected the 4 bytes that start an IDX file")
    code, dimensions = start[2], start[3]
    if code not in TYPES:
        known = ", ".join(f"{code:02x} ({dtype.name})" for code, dtype in TYPES.items())
        raise IdxError(f"byte 2: found the type {code:02x}, expected one of {known}")
    if not 1 <= dimensions <= MOST_DIMENSIONS:
        raise IdxError(f"byte 3: found {dimensions} dimensions, expected 1 to {MOST_DIMENSIONS}")
    lengths = stream.read(4 * dimensions)
    if len(lengths) < 4 * dimensions:
        raise IdxError(
            f"byte {4 + len(lengths)}: found the end, expected a header of {4 + 4 * dimensions} bytes "
            f"for {dimensions} dimensions"
        )
    shape = tuple(np.frombuffer(lengths, dtype=">u4").tolist())
    # numpy cannot even make an empty array whose other dimensions are too large
    if math.prod(max(length, 1) for length in shape) * TYPES[code].itemsize > sys.maxsize:
        raise IdxError(f"byte 4: found the dimensions {shape}, expected an array that fits into a memory")
    return TYPES[code], shape


def _read_numbers(stream, most, dtype, shape):
    """The bytes after the header, all in one array, of a stream that holds at most so many."""
    start, expected = stream.tell(), math.prod(shape) * dtype.itemsize
    # A stream too short for what it promises is only counted, for the error: nothing of it is kept.
    possible = expected <= most
    payload = np.empty(expected if possible else PIECE, np.uint8)
    found = 0
    while found < expected:
        place = found if possible else 0
        size = stream.readinto(payload[place : place + min(PIECE, expected - found)])
        if not size:
            break
        found += size
    # Reading on shows whether anything follows, and at the end makes gzip compare its checksum
    found += len(stream.read(PIECE))
    if found != expected:
        sizes = " x ".join(str(length) for length in shape)
        more = " or more" if found == expected + PIECE else ""
        raise IdxError(
            f"byte {start}: found {found:,}{more} bytes of data, "
            f"expected {expected:,} for {sizes} values of {dtype.name}"
        )
    return payload
