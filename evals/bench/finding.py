"""How fast a tool is found among ten thousand: ranking with the query embedded, and the whole search.

The tools beside the real ones are these with other names and words; their vectors lie near the real ones', so that they
compete. What is asked are the queries of the retrieval table. Run it alone: `python -m evals.bench retrieval`.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from evals.bench.assembly import near_in_memory, open_index
from evals.bench.figures import Figure
from evals.retrieval.queries import load
from tools.model import Tool
from tools.protocols import Encoder, Vectors
from tools.service import all_tools, common_words

MANY = 10_000
FOUND = 100
NOISE = 0.6
"""How far an invented passage lies from the real one that it was made of: as long as the vectors are 1."""
STORED = 20_000
ASKED = 40
"""Passages in the comparison of stores, about those of MANY tools, and how many queries they are asked."""


async def figures(folder: Path) -> list[Figure]:
    """Percentiles over all queries, after a round that warms up; times in milliseconds."""
    real = all_tools(folder)
    tools = [*real, *invented(real, MANY)]
    texts = [query.text for query in load()]
    async with open_index(tools, Invented) as index:
        queries = [await index.read(text) for text in texts]
        ranking = [_timed(partial(index.rank, query, FOUND)) for query in queries]
        whole = []
        for text in texts:
            begun = time.perf_counter()
            await index.search(text, FOUND)
            whole.append(1000 * (time.perf_counter() - begun))
    vectors = np.stack([query.vector for query in queries])
    return [
        *_percentiles(f"ranking among {len(tools):,} tools", ranking, 10), *_percentiles("search, embedding included", whole, 30),
        *_of_stores(vectors),
    ]  # fmt: skip


def _of_stores(queries: Vectors) -> list[Figure]:
    """The dense part alone, in each store of this process."""
    rows = _moved(queries[np.arange(STORED) % len(queries)], 1)
    found = []
    for name, store in near_in_memory(rows).items():
        times = [_timed(partial(store.nearest, vector, FOUND)) for vector in queries[:ASKED]]
        found += _percentiles(f"nearest of {STORED:,} passages, {name}", times, None)
    return found


class Invented:
    """Embeds what a real tool says; the passages of invented tools, which are many, are placed near real ones."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self.name, self.size = encoder, encoder.name, encoder.size

    async def encode(self, texts: Sequence[str]) -> Vectors:
        real = [text for text in texts if MARK not in text]
        known = await self._encoder.encode(real)
        made = _moved(known[np.arange(len(texts) - len(real)) % max(1, len(real))], 0)
        found = np.empty((len(texts), self.size), dtype=np.float32)
        is_real = np.asarray([MARK not in text for text in texts])
        found[is_real], found[~is_real] = known, made
        return found


MARK = "zqx"
"""In every text of an invented tool."""


def invented(real: Sequence[Tool], count: int) -> list[Tool]:
    """Tools with a name and a maker of their own and some words of any kind; each a choice of its own."""
    rng, words = random.Random(1), sorted(common_words())
    return [_invented(real[number % len(real)], number, rng.sample(words, 14)) for number in range(count)]


def _invented(tool: Tool, number: int, words: Sequence[str]) -> Tool:
    maker, kind, *rest = words
    changes = {
        "name": f"{tool.name}_{number}", "title": f"{maker.title()} {kind} {MARK} {tool.title}", "group": None,
        "description": f"{tool.description} {MARK} {' '.join(rest)}", "examples": (),
    }  # fmt: skip
    return tool.model_copy(update=changes)


def _moved(vectors: Vectors, seed: int) -> Vectors:
    """Somewhere near, again of length 1."""
    noise = np.random.default_rng(seed).normal(size=vectors.shape).astype(np.float32)
    moved = vectors + NOISE * noise / np.sqrt(vectors.shape[1])
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), dtype=np.float32)


def _timed(do: Callable[[], object]) -> float:
    do()
    begun = time.perf_counter()
    do()
    return 1000 * (time.perf_counter() - begun)


def _percentiles(name: str, values: Sequence[float], reach: float | None) -> list[Figure]:
    p50, p95, p99 = (float(value) for value in np.percentile(values, [50, 95, 99]))
    return [Figure(f"{name}, p95", p95, "ms", reach, f"median {p50:.3g}, p99 {p99:.3g}, {len(values)} queries")]
