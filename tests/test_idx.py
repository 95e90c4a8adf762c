"""IDX files: every type and shape there and back, and every way in which a file can be wrong."""

import gzip
import os
import re
import struct
import tracemalloc
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mnistlib.idx import IdxError, read_idx, write_idx

CODES = [0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E]
DTYPES = [np.uint8, np.int8, np.int16, np.int32, np.float32, np.float64]
raw_and_packed = pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["raw", "gzip"])


def idx_bytes(code, shape, payload):
    """An IDX file written out by hand, so that reading is not tested against our own writing."""
    return struct.pack(f">HBB{len(shape)}I", 0, code, len(shape), *shape) + payload


IMAGES = idx_bytes(0x08, (2, 3, 4), bytes(range(24)))
PACKED = gzip.compress(IMAGES)
MEMBERS = gzip.compress(IMAGES[:9]) + gzip.compress(IMAGES[9:])


# ---- what a well-formed file gives


@raw_and_packed
@pytest.mark.parametrize(("code", "letter", "dtype"), [*zip(CODES, "Bbhifd", DTYPES, strict=True)])
def test_every_type_is_read_big_endian(code, letter, dtype, pack):
    values = [1, 2, 100, 0, 5, 6]
    array = read_idx(pack(idx_bytes(code, (2, 3), struct.pack(f">6{letter}", *values))))
    assert array.dtype == dtype
    assert array.dtype.isnative
    assert array.tolist() == [[1, 2, 100], [0, 5, 6]]


@pytest.mark.parametrize("content", [IMAGES, PACKED, MEMBERS], ids=["raw", "packed", "in two members"])
@pytest.mark.parametrize("kind", ["path", str, bytes, bytearray, memoryview])
def test_the_array_is_writable_contiguous_and_the_callers_own(tmp_path, content, kind):
    path = tmp_path / ("raw.gz" if content == IMAGES else "packed")  # no name tells how it is packed
    path.write_bytes(content)
    source = path if kind == "path" else kind(path if kind is str else content)
    array = read_idx(source)
    np.testing.assert_array_equal(array, np.arange(24).reshape(2, 3, 4))
    assert array.flags.writeable
    assert array.flags.c_contiguous
    array[:] = 7
    assert path.read_bytes() == content
    assert kind in ("path", str) or bytes(source) == content


@pytest.mark.parametrize("shape", [(0,), (0, 28, 28), (3, 0), (2**32 - 1, 0), (1,) * 64])
def test_odd_but_legal_shapes(shape):
    payload = bytes(int(np.prod(shape, dtype=object)))
    assert read_idx(idx_bytes(0x08, shape, payload)).shape == shape


@pytest.mark.parametrize("suffix", ["", ".gz"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    array=st.sampled_from(DTYPES).flatmap(
        lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=5, min_side=0, max_side=5))
    ),
    order=st.sampled_from("<>"),
    turned=st.booleans(),
)
def test_what_is_written_is_read_back(tmp_path, suffix, array, order, turned):
    path = tmp_path / f"array{suffix}"
    view = array.astype(array.dtype.newbyteorder(order))
    write_idx(path, view[::-1].T if turned else view)
    again = read_idx(path)
    assert again.dtype == array.dtype
    if turned:
        again = again.T[::-1]
    assert again.shape == array.shape
    assert again.tobytes() == array.tobytes()  # NaN and -0.0 included


# ---- writing


def test_write_idx_writes_the_documented_bytes_and_packed_the_same_each_time(tmp_path):
    for name in ("a", "a.gz"):
        write_idx(tmp_path / name, np.arange(24, dtype=np.uint8).reshape(2, 3, 4))
    assert (tmp_path / "a").read_bytes() == IMAGES
    packed = (tmp_path / "a.gz").read_bytes()
    assert gzip.decompress(packed) == IMAGES
    assert packed[4:8] == bytes(4)  # gzip's time stamp
    write_idx(tmp_path / "b", np.array([1, -2], dtype=np.int16))
    assert (tmp_path / "b").read_bytes() == bytes.fromhex("00000b01 00000002 0001 fffe")


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.arange(3, dtype=np.int64), "int64"),
        (np.array([True, False]), "bool"),
        (np.array([None]), "object"),
        (np.uint8(5), "at least one dimension"),
        (np.empty((2**32, 0), np.uint8), "4 bytes"),
    ],
)
def test_arrays_that_idx_cannot_hold_are_refused(tmp_path, array, words):
    with pytest.raises(IdxError, match=words):
        write_idx(tmp_path / "a", array)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    write_idx(tmp_path / "a", np.zeros(3, np.uint8))
    monkeypatch.setattr(os, "replace", Mock(side_effect=OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_idx(tmp_path / "a", np.ones(3, np.uint8))
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert read_idx(tmp_path / "a").tolist() == [0, 0, 0]


# ---- malformed files: (content, the byte that the message must name, a word from it)

FULL = len(IMAGES)
CRC_WRONG = PACKED[:-8] + bytes([PACKED[-8] ^ 1]) + PACKED[-7:]
LENGTH_WRONG = PACKED[:-4] + struct.pack("<I", FULL + 1)
HUGE = 2**32 - 1
BEYOND = "fits into a memory"

MALFORMED = {
    "first byte not 0": (b"\1" + IMAGES[1:], 0, "found 01 00, expected 00 00"),
    "second byte not 0": (b"\0\1" + IMAGES[2:], 0, "found 00 01, expected 00 00"),
    "an HTML error page": (b"<!DOCTYPE html><html><h1>404</h1></html>", 0, "web page"),
    "an HTML page after a blank line": (b"\r\n<html></html>", 0, "web page"),
    "type 0a": (idx_bytes(0x0A, (2,), bytes(2)), 2, "found the type 0a"),
    "no dimensions": (idx_bytes(0x08, (), b"\5"), 3, "found 0 dimensions"),
    "65 dimensions": (idx_bytes(0x08, (1,) * 65, b"\5"), 3, "found 65 dimensions"),
    "payload long by one": (IMAGES + b"\0", 16, "found 25 bytes of data, expected 24"),
    "a long file behind": (IMAGES + bytes(10**6), 16, "or more bytes of data, expected 24"),
    "half a double": (idx_bytes(0x0E, (1,), bytes(4)), 8, "found 4 bytes of data, expected 8"),
    "4 GB promised": (idx_bytes(0x08, (HUGE,), bytes(9)), 8, "found 9 bytes of data, expected 4,294,967,295"),
    "product wraps around to 24": (idx_bytes(0x08, (HUGE, HUGE, 24), bytes(24)), 4, BEYOND),
    "items wrap around": (idx_bytes(0x0E, (2**31, 2**30), bytes(9)), 4, BEYOND),
    "a 0 among huge lengths": (idx_bytes(0x08, (0, HUGE, HUGE, HUGE), b""), 4, BEYOND),
    "gzip of an unknown method": (PACKED[:2] + b"\7" + PACKED[3:], 0, "damage"),
    "gzip with a wrong CRC": (CRC_WRONG, FULL, "CRC"),
    "gzip with a wrong length": (LENGTH_WRONG, FULL, "length"),
    "gzip with junk behind": (PACKED + b"junk", FULL, "damage"),
    "gzip of a web page": (gzip.compress(b"<html></html>"), 0, "web page"),
    "gzip of gzip": (gzip.compress(PACKED), 0, "found 1f 8b"),
    "gzip, second member too long": (PACKED + gzip.compress(b"\0"), 16, "found 25 bytes"),
}


@pytest.mark.parametrize(("content", "byte", "words"), MALFORMED.values(), ids=MALFORMED)
def test_malformed_files_say_what_is_wrong_and_where(tmp_path, content, byte, words):
    path = tmp_path / "digits"
    path.write_bytes(content)
    with pytest.raises(IdxError, match=re.escape(words)) as raised:
        read_idx(path)
    message = str(raised.value)
    assert message.startswith(f"{path}: byte {byte}: found ")
    assert "expected" in message
    with pytest.raises(IdxError, match=re.escape(message.removeprefix(str(path)))):
        read_idx(content)


@raw_and_packed
def test_a_file_that_ends_too_early_says_where(pack):
    for length in range(FULL):
        byte, words = min(length, 16), "found the end, expected"
        if length >= 16:
            words = f"found {length - 16} bytes of data, expected 24 for 2 x 3 x 4 values of uint8"
        with pytest.raises(IdxError, match=f"the bytes given: byte {byte}: {words}"):
            read_idx(pack(IMAGES[:length]))


def test_a_packed_file_that_ends_too_early_was_cut_short():
    for length in range(2, len(PACKED)):
        byte = r"\d+" if length < len(PACKED) - 8 else FULL  # only the checksum is lacking
        with pytest.raises(IdxError, match=f"byte {byte}: found the end of the gzip file, .* cut short"):
            read_idx(PACKED[:length])


def test_a_folder_is_no_idx_file_and_a_missing_file_is_plainly_not_found(tmp_path):
    with pytest.raises(IdxError, match=re.escape(f"{tmp_path}: is a folder")):
        read_idx(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_idx(tmp_path / "absent")


small_length = st.integers(0, 4) | st.sampled_from([255, 2**16, 2**31, 2**32 - 1])
almost_idx = st.builds(
    lambda start, code, lengths, payload: start + idx_bytes(code, lengths, payload)[2:],
    st.sampled_from([b"\0\0", b"\0\1"]),
    st.sampled_from([*CODES, 0x0A]),
    st.lists(small_length, max_size=4),
    st.binary(max_size=64),
)


@st.composite
def damaged_gzip(draw):
    packed = bytearray(gzip.compress(draw(almost_idx), mtime=0))
    packed[draw(st.integers(2, len(packed) - 1))] ^= draw(st.integers(1, 255))
    return bytes(packed)


@settings(max_examples=600, deadline=None)
@given(st.binary(max_size=300) | almost_idx | damaged_gzip())
def test_arbitrary_bytes_are_refused_or_read_right(content):
    try:
        array = read_idx(content)
    except IdxError:
        return
    plain = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content  # compares the checksum
    big_endian = array.astype(array.dtype.newbyteorder(">")).tobytes()
    assert idx_bytes(plain[2], array.shape, big_endian) == plain


# ---- memory


def bomb(header, size):
    """`size` zeros behind a header, packed about a thousand times smaller."""
    return gzip.compress(header + bytes(size), compresslevel=1)


LIARS = {  # content, and how many bytes of payload are really there
    "raw promise": (idx_bytes(0x08, (HUGE,), b"few"), 3),
    "promise": (gzip.compress(idx_bytes(0x08, (HUGE,), b"few")), 3),
    "vast promise": (gzip.compress(idx_bytes(0x0E, (2**28, 2**28), b"few")), 3),
    "bomb behind 10 bytes": (bomb(idx_bytes(0x08, (10,), b""), 20_000_000), 10),
    "bomb of a page": (bomb(b"<html>", 20_000_000), 0),
    "bomb short of its promise": (bomb(idx_bytes(0x08, (HUGE,), b""), 10_000_000), 10_000_000),
}


@pytest.mark.parametrize(("content", "true_payload"), LIARS.values(), ids=LIARS)
def test_memory_follows_the_bytes_that_are_there_not_the_promise(content, true_payload):
    tracemalloc.start()
    try:
        with pytest.raises(IdxError):
            read_idx(content)
        assert tracemalloc.get_traced_memory()[1] < 2 * true_payload + 2_000_000
    finally:
        tracemalloc.stop()
