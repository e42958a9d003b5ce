"""The real encoder, for the benchmark's commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tools.embedding import MiniLmEncoder
from tools.protocols import Encoder


@contextmanager
def open_encoder() -> Iterator[Encoder]:
    """The one that the product uses, ended afterwards."""
    encoder = MiniLmEncoder()
    try:
        yield encoder
    finally:
        encoder.close()
        encoder.join(10.0)
