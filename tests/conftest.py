"""What all tests share."""

import os

os.environ.setdefault("MPLBACKEND", "agg")  # pictures are drawn, no window opens
