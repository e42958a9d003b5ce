"""The passages nearest to a query: a matrix in this process, or a Qdrant server.

Qdrant's local mode multiplies the same matrix under a layer of Python and takes many times as long at ten thousand tools
(`python -m evals.bench retrieval` measures both). So the embedded default is the matrix itself, and Qdrant is used where
a server's URL is set.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tools.protocols import Vectors

COLLECTION = "tools"
BATCH = 512
MANY = 8192
"""So many rows are simply all looked at."""
COARSE = 96
SPARE = 3
"""Principal components of a row, and how many times as many rows as are wanted get a second look."""
Rows = NDArray[np.int64]
Scores = NDArray[np.float32]


def dots(rows: Vectors, vector: Vectors) -> Scores:
    """The dot product of each row with a vector, on this thread: so small a product that BLAS's threads cost more than they
    bring, and on a busy machine they keep each other waiting."""
    return np.asarray(np.einsum("ij,j->i", rows, vector), dtype=np.float32)


class Nearest(Protocol):
    """Vectors of length 1 by row."""

    def nearest(self, vector: Vectors, limit: int) -> tuple[Rows, Scores]:
        """The rows nearest by cosine, best first, at most `limit`."""
        ...


class Matrix:
    """All rows in one array. Where there are many, most are ruled out by their principal components: these few numbers a row
    stay in the processor's cache, which the whole rows outgrow at some 20,000."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        self._coarse: tuple[Vectors, Vectors] | None = _coarse(self._vectors) if len(vectors) > MANY else None

    def nearest(self, vector: Vectors, limit: int) -> tuple[Rows, Scores]:
        if self._coarse is None:
            scores = dots(self._vectors, vector)
            rows = best_rows(scores, limit)
            return rows, scores[rows]
        axes, coarse = self._coarse
        likely = best_rows(dots(coarse, vector @ axes), SPARE * limit)
        scores = dots(self._vectors[likely], vector)
        best = best_rows(scores, limit)
        return likely[best], scores[best]


def _coarse(vectors: Vectors) -> tuple[Vectors, Vectors]:
    """The principal axes, shape (size, COARSE), and every row along them."""
    _, axes = np.linalg.eigh(vectors.T @ vectors)
    leading = np.ascontiguousarray(axes[:, -COARSE:], dtype=np.float32)
    return leading, np.ascontiguousarray(vectors @ leading)


def best_rows(scores: Scores, limit: int) -> Rows:
    """The rows of the highest scores, best first; of equals the lower row."""
    count = min(limit, len(scores))
    found = np.argpartition(-scores, count - 1)[:count] if count < len(scores) else np.arange(len(scores))
    rows: Rows = found[np.lexsort((found, -scores[found]))]
    return rows


class Qdrant:
    """A collection of a Qdrant server, filled anew."""

    def __init__(self, client: Any, vectors: Vectors) -> None:
        from qdrant_client import models

        self._client = client
        if client.collection_exists(COLLECTION):
            client.delete_collection(COLLECTION)
        config = models.VectorParams(size=vectors.shape[1], distance=models.Distance.COSINE)
        client.create_collection(COLLECTION, vectors_config=config)
        for start in range(0, len(vectors), BATCH):
            part = vectors[start : start + BATCH]
            numbers = list(range(start, start + len(part)))
            client.upsert(COLLECTION, models.Batch(ids=numbers, vectors=part.tolist()))

    def nearest(self, vector: Vectors, limit: int) -> tuple[Rows, Scores]:
        points = self._client.query_points(COLLECTION, query=vector.tolist(), limit=limit).points
        rows = np.asarray([point.id for point in points], dtype=np.int64)
        return rows, np.asarray([point.score for point in points], dtype=np.float32)


def open_vectors(url: str | None, vectors: Vectors) -> Nearest:
    """A Qdrant server where there is one, else the matrix."""
    if url is None:
        return Matrix(vectors)
    from qdrant_client import QdrantClient

    return Qdrant(QdrantClient(url=url), vectors)
