"""The helper package of the course (see README.md)."""
