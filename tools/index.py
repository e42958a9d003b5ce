"""The tool index: dense search in Qdrant, lexical search in bm25s, fused by reciprocal rank.

Each tool is several points: its description and every example sentence; a tool ranks by its best point. Vectors are
cached in the data folder by content and encoder, so a second start embeds nothing. Qdrant's local mode computes on
the calling thread: everything here that is not async belongs off the event loop.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tools.model import Tool
from tools.protocols import Encoder, Vectors

COLLECTION = "tools"
RRF_K = 60  # the usual constant of reciprocal rank fusion
PASSAGES_PER_TOOL = 8  # a tool is several passages: so many are looked at for each tool wanted


@dataclass(frozen=True)
class Passage:
    """One text by which a tool may be found."""

    tool: str
    text: str


class ToolIndex:
    """Built once from the catalogue; `search` gives (tool name, score), best first."""

    def __init__(self, encoder: Encoder, cache: Path | None, qdrant_url: str | None = None) -> None:
        self._encoder, self._cache, self._url = encoder, cache, qdrant_url
        self._client: Any = None
        self._lexical: Any = None
        self._passages: list[Passage] = []

    @property
    def ready(self) -> bool:
        return self._client is not None

    async def build(self, tools: Iterable[Tool]) -> None:
        """Embed what is not cached and fill both indexes."""
        passages = [passage for tool in tools for passage in passages_of(tool)]
        vectors = await self._vectors([passage.text for passage in passages])
        client, lexical = await asyncio.to_thread(_fill, self._url, passages, vectors)
        self._passages, self._lexical, self._client = passages, lexical, client

    async def search(self, query: str, limit: int) -> list[tuple[str, float]]:
        vector = (await self._encoder.encode([query]))[0]
        return await asyncio.to_thread(self._search, query, vector, limit)

    def _search(self, query: str, vector: Vectors, limit: int) -> list[tuple[str, float]]:
        dense = self._client.query_points(
            COLLECTION, query=vector.tolist(), limit=limit * PASSAGES_PER_TOOL
        ).points
        rankings = [
            _distinct(point.payload["tool"] for point in dense),
            _distinct(self._lexical_hits(query, limit)),
        ]
        return fuse(rankings)[:limit]

    def _lexical_hits(self, query: str, limit: int) -> list[str]:
        import bm25s

        tokens = bm25s.tokenize([query.lower()], stopwords="en", show_progress=False)
        count = min(limit * PASSAGES_PER_TOOL, len(self._passages))
        rows, scores = self._lexical.retrieve(tokens, k=count, show_progress=False)
        return [self._passages[row].tool for row, score in zip(rows[0], scores[0], strict=True) if score > 0]

    async def _vectors(self, texts: Sequence[str]) -> Vectors:
        if self._cache is None:
            return await self._encoder.encode(texts)
        file = self._cache / f"tools-{_fingerprint(self._encoder.name, texts)}.npy"
        cached = await asyncio.to_thread(_read, file, len(texts), self._encoder.size)
        if cached is not None:
            return cached
        vectors = await self._encoder.encode(texts)
        await asyncio.to_thread(_save, file, vectors)
        return vectors


def passages_of(tool: Tool) -> list[Passage]:
    """The texts that stand for a tool."""
    about = f"{tool.title}. {tool.description} {' '.join(tool.tags)}"
    return [Passage(tool.name, about), *(Passage(tool.name, example.text) for example in tool.examples)]


def fuse(rankings: Sequence[Sequence[str]]) -> list[tuple[str, float]]:
    """Reciprocal rank fusion, scaled so that a tool that leads every ranking has 1.0."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, name in enumerate(ranking):
            scores[name] = scores.get(name, 0.0) + 1.0 / (RRF_K + rank)
    best = len(rankings) / RRF_K
    return sorted(((n, s / best) for n, s in scores.items()), key=lambda pair: (-pair[1], pair[0]))


def _fill(url: str | None, passages: Sequence[Passage], vectors: Vectors) -> tuple[Any, Any]:
    import bm25s
    from qdrant_client import QdrantClient, models

    client = QdrantClient(url=url) if url else QdrantClient(":memory:")
    if client.collection_exists(COLLECTION):
        client.delete_collection(COLLECTION)
    config = models.VectorParams(size=vectors.shape[1], distance=models.Distance.COSINE)
    client.create_collection(COLLECTION, vectors_config=config)
    points = [
        models.PointStruct(id=number, vector=vector.tolist(), payload={"tool": passage.tool})
        for number, (passage, vector) in enumerate(zip(passages, vectors, strict=True))
    ]
    client.upsert(COLLECTION, points)
    lexical = bm25s.BM25()
    tokens = bm25s.tokenize(
        [passage.text.lower() for passage in passages], stopwords="en", show_progress=False
    )
    lexical.index(tokens, show_progress=False)
    return client, lexical


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _fingerprint(encoder: str, texts: Sequence[str]) -> str:
    joined = "\0".join([encoder, *texts])
    return hashlib.sha256(re.sub(r"\s+", " ", joined).encode()).hexdigest()[:24]


def _read(file: Path, rows: int, size: int) -> Vectors | None:
    """The cached vectors; None when there are none, or when the file is not whole."""
    try:
        vectors = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return np.asarray(vectors, dtype=np.float32) if vectors.shape == (rows, size) else None


def _save(file: Path, vectors: Vectors) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(".new.npy")
    np.save(temporary, vectors)
    temporary.replace(file)
