"""IDX files: every type and shape there and back, and every way in which a file can be wrong."""

import gzip
import io
import os
import re
import struct
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mnistlib.idx import IdxError, read_idx, write_idx

DTYPES = [np.uint8, np.int8, np.int16, np.int32, np.float32, np.float64]


def idx_bytes(code, shape, payload):
    """An IDX file written out by hand, so that reading is not tested against our own writing."""
    return struct.pack(f">HBB{len(shape)}I", 0, code, len(shape), *shape) + payload


IMAGES = idx_bytes(0x08, (2, 3, 4), bytes(range(24)))
PACKED = gzip.compress(IMAGES)


# ---- what a well-formed file gives


@pytest.mark.parametrize(
    ("code", "letter", "dtype"),
    [
        (0x08, "B", np.uint8),
        (0x09, "b", np.int8),
        (0x0B, "h", np.int16),
        (0x0C, "i", np.int32),
        (0x0D, "f", np.float32),
        (0x0E, "d", np.float64),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["raw", "gzip"])
def test_every_type_is_read_big_endian(code, letter, dtype, pack):
    values = [1, 2, 100, 0, 5, 6]
    array = read_idx(pack(idx_bytes(code, (2, 3), struct.pack(f">6{letter}", *values))))
    assert array.dtype == dtype
    assert array.dtype.isnative
    assert array.tolist() == [[1, 2, 100], [0, 5, 6]]


@pytest.mark.parametrize("content", [IMAGES, PACKED], ids=["raw", "gzip"])
@pytest.mark.parametrize("kind", ["path", "text path", "bytes", "bytearray", "memoryview"])
def test_the_array_is_writable_contiguous_and_the_callers_own(tmp_path, content, kind):
    path = tmp_path / "no-telling-suffix"
    path.write_bytes(content)
    held = bytearray(content)
    source = {"path": path, "text path": str(path), "bytes": content, "bytearray": held}.get(
        kind, memoryview(held)
    )
    array = read_idx(source)
    np.testing.assert_array_equal(array, np.arange(24).reshape(2, 3, 4))
    assert array.flags.writeable
    assert array.flags.c_contiguous
    array[:] = 7
    assert path.read_bytes() == content
    assert held == content


def test_gzip_is_told_by_content_not_by_name(tmp_path):
    (tmp_path / "raw.gz").write_bytes(IMAGES)
    (tmp_path / "packed").write_bytes(PACKED)
    np.testing.assert_array_equal(read_idx(tmp_path / "raw.gz"), read_idx(tmp_path / "packed"))


def test_a_gzip_file_of_several_members_is_one_stream():
    content = gzip.compress(IMAGES[:9]) + gzip.compress(IMAGES[9:20]) + gzip.compress(IMAGES[20:])
    np.testing.assert_array_equal(read_idx(content), read_idx(IMAGES))


@pytest.mark.parametrize("shape", [(0,), (0, 28, 28), (3, 0), (2**32 - 1, 0), (1,) * 64])
def test_odd_but_legal_shapes(shape):
    payload = bytes(int(np.prod(shape, dtype=object)))
    assert read_idx(idx_bytes(0x08, shape, payload)).shape == shape


@pytest.mark.parametrize("suffix", ["", ".gz"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    array=st.sampled_from(DTYPES).flatmap(
        lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=5, min_side=0, max_side=5))
    )
)
def test_what_is_written_is_read_back(tmp_path, suffix, array):
    path = tmp_path / f"array{suffix}"
    write_idx(path, array)
    again = read_idx(path)
    assert again.dtype == array.dtype
    assert again.shape == array.shape
    assert again.tobytes() == array.tobytes()  # NaN and -0.0 included


# ---- writing


def test_write_idx_writes_the_documented_bytes(tmp_path):
    write_idx(tmp_path / "a", np.arange(24, dtype=np.uint8).reshape(2, 3, 4))
    assert (tmp_path / "a").read_bytes() == IMAGES
    write_idx(tmp_path / "b", np.array([1, -2], dtype=np.int16))
    assert (tmp_path / "b").read_bytes() == bytes.fromhex("00000b01 00000002 0001 fffe")


def test_gz_in_the_name_packs_and_the_bytes_are_the_same_each_time(tmp_path):
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    write_idx(tmp_path / "one.gz", array)
    write_idx(tmp_path / "two.gz", array)
    content = (tmp_path / "one.gz").read_bytes()
    assert gzip.decompress(content) == IMAGES
    assert content == (tmp_path / "two.gz").read_bytes()
    assert content[4:8] == bytes(4)  # gzip's time stamp


@pytest.mark.parametrize(
    "view",
    [lambda a: a.T, lambda a: a[::-1, ::2], lambda a: a.astype(">i4"), lambda a: a.astype("<i4")],
    ids=["transposed", "strided", "big-endian", "little-endian"],
)
def test_views_and_byte_orders_are_written_by_value(tmp_path, view):
    array = view(np.arange(12, dtype=np.int32).reshape(3, 4))
    write_idx(tmp_path / "a", array)
    np.testing.assert_array_equal(read_idx(tmp_path / "a"), array)


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.arange(3, dtype=np.int64), "int64"),
        (np.arange(3, dtype=np.uint16), "uint16"),
        (np.array([True, False]), "bool"),
        (np.array(["a"]), "<U1"),
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

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_idx(tmp_path / "a", np.ones(3, np.uint8))
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert read_idx(tmp_path / "a").tolist() == [0, 0, 0]


# ---- malformed files: (content, the byte that the message must name, a word from it)

CRC_WRONG = PACKED[:-8] + bytes([PACKED[-8] ^ 1]) + PACKED[-7:]
LENGTH_WRONG = PACKED[:-4] + struct.pack("<I", len(IMAGES) + 1)
FLIPPED = PACKED[:12] + bytes([PACKED[12] ^ 0xFF]) + PACKED[13:]
FULL = 4 + 3 * 4 + 24  # the length of IMAGES

MALFORMED = {
    "empty": (b"", 0, "found the end"),
    "one byte": (b"\0", 1, "found the end"),
    "two bytes": (b"\0\0", 2, "found the end"),
    "three bytes": (b"\0\0\x08", 3, "found the end"),
    "first byte not 0": (b"\1" + IMAGES[1:], 0, "found 01 00, expected 00 00"),
    "second byte not 0": (b"\0\1" + IMAGES[2:], 0, "found 00 01, expected 00 00"),
    "a little-endian magic number": (IMAGES[3::-1] + IMAGES[4:], 0, "found 03 08"),
    "an HTML error page": (b"<!DOCTYPE html><html><h1>404</h1></html>", 0, "web page"),
    "an HTML page after a blank line": (b"\r\n<html></html>", 0, "web page"),
    "an XML error": (b"<?xml version='1.0'?><Error/>", 0, "web page"),
    "plain text": (b"Not Found", 0, "found 4e 6f, expected 00 00"),
    "a zip file": (b"PK\x03\x04" + bytes(40), 0, "found 50 4b"),
    "a numpy file": (b"\x93NUMPY\x01\x00" + bytes(40), 0, "found 93 4e"),
    "a Git LFS pointer": (b"version https://git-lfs.github.com/spec/v1\n", 0, "found 76 65"),
    "type 0": (idx_bytes(0x00, (2,), bytes(2)), 2, "found the type 00"),
    "type 07": (idx_bytes(0x07, (2,), bytes(2)), 2, "found the type 07"),
    "type 0a": (idx_bytes(0x0A, (2,), bytes(2)), 2, "found the type 0a"),
    "type ff": (idx_bytes(0xFF, (2,), bytes(2)), 2, "found the type ff"),
    "no dimensions": (idx_bytes(0x08, (), b"\5"), 3, "found 0 dimensions"),
    "65 dimensions": (idx_bytes(0x08, (1,) * 65, b"\5"), 3, "found 65 dimensions"),
    "255 dimensions": (idx_bytes(0x08, (1,) * 255, b"\5"), 3, "found 255 dimensions"),
    "no lengths": (IMAGES[:4], 4, "expected a header of 16 bytes"),
    "lengths cut short": (IMAGES[:15], 15, "expected a header of 16 bytes"),
    "no payload": (IMAGES[:16], 16, "found 0 bytes of data, expected 24"),
    "payload short by one": (IMAGES[:-1], 16, "found 23 bytes of data, expected 24"),
    "payload long by one": (IMAGES + b"\0", 16, "found 25 bytes of data, expected 24"),
    "another file behind": (IMAGES + IMAGES, 16, "found 64 bytes of data, expected 24"),
    "half a double": (idx_bytes(0x0E, (1,), bytes(4)), 8, "found 4 bytes of data, expected 8"),
    "empty array with payload": (
        idx_bytes(0x08, (0, 28, 28), b"\5"),
        16,
        "found 1 bytes of data, expected 0",
    ),
    "4 GB promised": (
        idx_bytes(0x08, (2**32 - 1,), bytes(9)),
        8,
        "found 9 bytes of data, expected 4,294,967,295",
    ),
    "product just above 2**64": (idx_bytes(0x08, (2**31, 2**31, 4), bytes(9)), 4, "fits into a memory"),
    "product wraps around to 24": (idx_bytes(0x08, (2**32 - 1, 2**32 - 1, 24), bytes(24)), 4, "memory"),
    "items wrap around": (idx_bytes(0x0E, (2**31, 2**30), bytes(9)), 4, "fits into a memory"),
    "a 0 among huge lengths": (idx_bytes(0x08, (0,) + (2**32 - 1,) * 3, b""), 4, "fits into a memory"),
    "64 huge lengths": (idx_bytes(0x08, (2**32 - 1,) * 64, b""), 4, "fits into a memory"),
    "only gzip's magic": (b"\x1f\x8b", 0, "cut short"),
    "gzip with its header cut short": (PACKED[:7], 0, "cut short"),
    "gzip with nothing inside": (gzip.compress(b""), 0, "found the end"),
    "gzip of an unknown method": (PACKED[:2] + b"\7" + PACKED[3:], 0, "damage"),
    "gzip cut short in the data": (PACKED[:20], None, "cut short"),
    "gzip cut short in the checksum": (PACKED[:-6], FULL, "cut short"),
    "gzip cut short by one": (PACKED[:-1], FULL, "cut short"),
    "gzip with a wrong CRC": (CRC_WRONG, FULL, "CRC"),
    "gzip with a wrong length": (LENGTH_WRONG, FULL, "length"),
    "gzip with damaged data": (FLIPPED, None, "damage"),
    "gzip with junk behind": (PACKED + b"junk", FULL, "damage"),
    "gzip with a web page behind": (PACKED + b"<html>", FULL, "damage"),
    "gzip of a web page": (gzip.compress(b"<html></html>"), 0, "web page"),
    "gzip of gzip": (gzip.compress(PACKED), 0, "found 1f 8b"),
    "gzip, payload short": (gzip.compress(IMAGES[:-1]), 16, "found 23 bytes of data, expected 24"),
    "gzip, payload long": (gzip.compress(IMAGES + b"\0"), 16, "found more bytes of data, expected 24"),
    "gzip, payload in a second member too long": (PACKED + gzip.compress(b"\0"), 16, "found more"),
    "gzip, second member cut short": (
        gzip.compress(IMAGES[:20]) + gzip.compress(IMAGES[20:])[:-1],
        FULL,
        "cut short",
    ),
}


@pytest.mark.parametrize(("content", "byte", "words"), MALFORMED.values(), ids=MALFORMED)
def test_malformed_files_say_what_is_wrong_and_where(tmp_path, content, byte, words):
    path = tmp_path / "digits"
    path.write_bytes(content)
    with pytest.raises(IdxError, match=re.escape(words)) as raised:
        read_idx(path)
    message = str(raised.value)
    assert message.startswith(f"{path}: byte ")
    assert "found" in message
    assert "expected" in message
    if byte is not None:
        assert f": byte {byte}: " in message
    with pytest.raises(IdxError, match=re.escape(message.removeprefix(str(path)))):
        read_idx(content)


def test_a_folder_is_no_idx_file(tmp_path):
    with pytest.raises(IdxError, match=re.escape(f"{tmp_path}: is a folder")):
        read_idx(tmp_path)


def test_a_missing_file_is_a_plain_file_not_found(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_idx(tmp_path / "absent")


def check_arbitrary(content):
    """The bytes are refused, or give the array that they describe: nothing else."""
    try:
        array = read_idx(content)
    except IdxError:
        return
    plain = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    rebuilt = io.BytesIO()
    rebuilt.write(plain[:4])
    rebuilt.write(np.array(array.shape, ">u4").tobytes())
    rebuilt.write(array.astype(array.dtype.newbyteorder(">")).tobytes())
    assert rebuilt.getvalue() == plain
    assert plain[3] == array.ndim


small_length = st.integers(0, 4) | st.sampled_from([255, 2**16, 2**31, 2**32 - 1])
almost_idx = st.builds(
    lambda start, code, lengths, payload: (
        start + bytes([code, len(lengths)]) + struct.pack(f">{len(lengths)}I", *lengths) + payload
    ),
    st.sampled_from([b"\0\0", b"\0\1"]),
    st.sampled_from([0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E, 0x0A]),
    st.lists(small_length, max_size=4),
    st.binary(max_size=64),
)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300) | almost_idx)
@example(idx_bytes(0x08, (0,) + (2**32 - 1,) * 2, b""))
def test_arbitrary_bytes_are_refused_or_read_right(content):
    check_arbitrary(content)


@settings(max_examples=300, deadline=None)
@given(almost_idx, st.integers(0, 2**20), st.integers(1, 255))
def test_damaged_gzip_is_refused_or_read_right(content, place, flip):
    packed = bytearray(gzip.compress(content, mtime=0))
    packed[place % len(packed)] ^= flip
    packed[0:2] = b"\x1f\x8b"
    try:
        array = read_idx(bytes(packed))
    except IdxError:
        return
    # Only gzip's own header (time stamp, system) may differ without harm
    np.testing.assert_array_equal(array, read_idx(content))


# ---- memory


def peak_memory(content):
    """The most memory that reading takes, in bytes, beyond the content itself."""
    tracemalloc.start()
    try:
        with pytest.raises(IdxError):
            read_idx(content)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def bomb(header, size):
    """`size` zeros behind a header, packed about a thousand times smaller."""
    return gzip.compress(header + bytes(size), compresslevel=1)


@pytest.mark.parametrize(
    ("content", "true_payload"),
    [
        (idx_bytes(0x08, (2**32 - 1,), b"few"), 3),
        (gzip.compress(idx_bytes(0x08, (2**32 - 1,), b"few")), 3),
        (gzip.compress(idx_bytes(0x0E, (2**28, 2**28), b"few")), 3),
        (bomb(idx_bytes(0x08, (10,), b""), 20_000_000), 10),
        (bomb(b"<html>", 20_000_000), 0),
        (bomb(idx_bytes(0x08, (2**32 - 1,), b""), 10_000_000), 10_000_000),
    ],
    ids=[
        "raw promise",
        "promise",
        "vast promise",
        "bomb behind 10 bytes",
        "bomb of a page",
        "bomb short of its promise",
    ],
)
def test_memory_follows_the_bytes_that_are_there_not_the_promise(content, true_payload):
    assert peak_memory(content) < 2 * true_payload + 2_000_000


@pytest.mark.skipif(sys.platform == "win32", reason="limits of memory need the resource module")
def test_a_promise_of_4_gb_is_refused_by_a_process_that_may_take_little_memory(tmp_path):
    (tmp_path / "bomb").write_bytes(gzip.compress(idx_bytes(0x08, (2**32 - 1,), bytes(1000))))
    program = (
        "import resource, sys\n"
        "from mnistlib.idx import IdxError, read_idx\n"
        "taken = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (taken + 50_000_000,) * 2)\n"
        "try:\n"
        "    read_idx(sys.argv[1])\n"
        "except IdxError as error:\n"
        "    print(error)\n"
    )
    if not os.path.exists("/proc/self/statm"):
        pytest.skip("needs /proc to know how much memory a process holds")
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "bomb")], capture_output=True, text=True, timeout=60
    )
    assert "found 1,000 bytes of data" in done.stdout, done.stderr
