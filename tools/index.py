"""The tool index: what is asked is compared with what tools say of themselves and with how people ask for their jobs.

Dense search (the encoder's vectors, in a matrix or a Qdrant server) and search by words are weighed together with the
names of models, the media that are spoken of and how much a tool is used (see `tools.search`). Vectors are kept in the
data folder text by text, so that a second start embeds nothing and one more tool only itself. What computes here is not
async: it belongs off the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from tools.embedding import common_words
from tools.model import Tool
from tools.protocols import Encoder, Vectors
from tools.search.corpus import Corpus, Language, Own, Query
from tools.search.kept import KeptVectors
from tools.search.passages import passages_of
from tools.search.sayings import jobs
from tools.search.vectors import best_rows, open_vectors
from tools.search.weighing import weighed

Ranked = list[tuple[str, float]]


class ToolIndex:
    """Built once from the catalogue; `search` gives (tool name, score), best first."""

    def __init__(self, encoder: Encoder, cache: Path | None, qdrant_url: str | None = None) -> None:
        self._encoder, self._url = encoder, qdrant_url
        self._vectors = KeptVectors(encoder, cache)
        self._corpus: Corpus | None = None

    @property
    def ready(self) -> bool:
        return self._corpus is not None

    async def build(self, tools: Iterable[Tool]) -> None:
        """Embed what is not kept and fill the index. Raises EncoderBroken."""
        known, all_jobs = list(tools), jobs()
        said = [text for job in all_jobs for text in job.say]
        own = [passage.text for tool in known for passage in passages_of(tool)]
        vectors = await self._vectors.of([*said, *own])
        self._corpus = await asyncio.to_thread(self._filled, known, vectors[: len(said)], vectors[len(said) :])

    def _filled(self, tools: Sequence[Tool], said: Vectors, own: Vectors) -> Corpus:
        language = Language(jobs(), said, common_words())
        return Corpus(tools, open_vectors(self._url, own), language)

    async def search(self, query: str, limit: int) -> Ranked:
        """The tools that fit best, each with a score: 1 for a sure hit, more for a surer one. Raises EncoderBroken."""
        return await asyncio.to_thread(self.rank, await self.read(query), limit)

    async def read(self, text: str) -> Query:
        """A request without its slips, embedded. Raises EncoderBroken."""
        corpus = self._built()
        mended = corpus.mended(text)
        return corpus.read(mended, (await self._encoder.encode([mended]))[0])

    async def vectors_of(self, tool: Tool) -> Vectors:
        """What `rank` wants of a tool that is not in here, to be kept by the caller. Raises EncoderBroken."""
        return await self._encoder.encode([passage.text for passage in passages_of(tool)])

    def rank(self, query: Query, limit: int, own: Sequence[Own] = ()) -> Ranked:
        """Of all tools, and a few dozen more, those that fit best: names with scores. Milliseconds, but not async."""
        corpus = self._built()
        scores = weighed(corpus.evidence(query))
        if own:
            scores = np.concatenate([scores, weighed(corpus.beside(query, own))])
        count = len(corpus.tools)
        found = [(corpus.tools[row] if row < count else own[row - count][0], row) for row in best_rows(scores, limit).tolist()]
        return [(tool.name, float(scores[row])) for tool, row in found]

    def _built(self) -> Corpus:
        if self._corpus is None:
            raise RuntimeError("The index was not built.")
        return self._corpus
