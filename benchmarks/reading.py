"""How fast read_idx is: beside gzip alone, and beside the loop over images that many tutorials use.

    python benchmarks/reading.py            needs the real MNIST files (MNIST_DATA_DIR or data/mnist)

Prints the median of several repeats, taken in turn so that a busy moment of the machine hits all alike.
Asked for: read_idx on the packed 60,000 images takes at most 1.25 times what gzip.decompress takes on the
same bytes; on the unpacked file it is at least 100 times faster than struct.unpack, image by image.
"""

import gzip
import struct
import tempfile
from pathlib import Path

import numpy as np
from common import interleaved

from mnistlib.datasets import data_files, find_data
from mnistlib.idx import read_idx

REPEATS = 9


def struct_loop(path):
    """Each image unpacked into a tuple of 784 numbers, and that made an array."""
    with open(path, "rb") as file:
        _, count, rows, columns = struct.unpack(">IIII", file.read(16))
        images = np.empty((count, rows, columns), np.uint8)
        for i in range(count):
            pixels = struct.unpack(">784B", file.read(784))
            images[i] = np.array(pixels, np.uint8).reshape(rows, columns)
    return images


def main():
    print(find_data("mnist")[1])
    packed = data_files()["train_images"]
    content = packed.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        unpacked = Path(folder) / packed.stem
        unpacked.write_bytes(gzip.decompress(content))
        assert np.array_equal(read_idx(unpacked), struct_loop(unpacked))
        assert np.array_equal(read_idx(packed), read_idx(unpacked))
        seconds = interleaved(
            {
                "gzip.decompress": lambda: gzip.decompress(content),
                "read_idx, .gz": lambda: read_idx(packed),
                "struct.unpack per image": lambda: struct_loop(unpacked),
                "read_idx, unpacked": lambda: read_idx(unpacked),
            },
            REPEATS,
        )
    print("60,000 images of 28 x 28 pixels:")
    for name, taken in seconds.items():
        print(f"{name:>24} {taken * 1000:8.1f} ms")
    packed_ratio = seconds["read_idx, .gz"] / seconds["gzip.decompress"]
    raw_ratio = seconds["struct.unpack per image"] / seconds["read_idx, unpacked"]
    print(f"read_idx on .gz takes {packed_ratio:.2f} x gzip.decompress (at most 1.25)")
    print(f"read_idx on the unpacked file is {raw_ratio:.0f} x faster than struct.unpack (at least 100)")


if __name__ == "__main__":
    main()
