"""The passages nearest to a query: a matrix in this process, or a Qdrant server. Both give the same answers.

Qdrant's local mode is the same matrix product with a layer of Python around it: at 30,000 passages it takes several times
as long (`python -m evals.bench retrieval` measures both). So the embedded default is the matrix itself, and Qdrant is used
where a server's URL is set.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tools.protocols import Vectors

COLLECTION = "tools"
BATCH = 512
Rows = NDArray[np.int64]
Scores = NDArray[np.float32]


class Nearest(Protocol):
    """Vectors of length 1 by row."""

    def nearest(self, vector: Vectors, limit: int) -> tuple[Rows, Scores]:
        """The rows nearest by cosine, best first, at most `limit`."""
        ...


class Matrix:
    """All rows in one array; every row is looked at."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = np.ascontiguousarray(vectors, dtype=np.float32)

    def nearest(self, vector: Vectors, limit: int) -> tuple[Rows, Scores]:
        scores: Scores = self._vectors @ vector
        count = min(limit, len(scores))
        best = np.argpartition(-scores, count - 1)[:count] if count < len(scores) else np.arange(len(scores))
        rows: Rows = best[np.lexsort((best, -scores[best]))]
        return rows, scores[rows]


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
