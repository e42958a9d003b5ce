"""All tools as they are searched: built once, then only read. Pure but for the vectors' store."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.model import SourceKind, Tool
from tools.protocols import Vectors
from tools.search import media
from tools.search.lexical import Lexicon
from tools.search.names import PLAIN, called, is_said, names_of
from tools.search.passages import BOOSTS, fields_of, passages_of
from tools.search.sayings import Job, jobs_of
from tools.search.slips import Slips
from tools.search.vectors import Nearest, dots
from tools.search.words import STOPWORDS, atoms, plain, tokens

Numbers = NDArray[np.float32]
Own = tuple[Tool, Vectors]
"""A tool that is not everybody's, with the vectors of its passages."""
LOOKED_AT = 300
"""Passages that are looked at in the vectors' store; all others are as far as the last of these."""
HEAD, RIDGE = 0.6, 1.0
"""How much the heads count beside the nearest saying, and how stiff they are: chosen on the queries not held out."""
CURATED = 0.3
"""What the hand of a curator is worth, in popularity."""


@dataclass(frozen=True)
class Query:
    """A request, read: its vector is that of `text`."""

    text: str
    vector: Vectors
    tokens: list[str]
    names: list[str]
    media: media.Spoken
    total: float
    """What all its words weigh together."""


@dataclass(frozen=True)
class Evidence:
    """Per tool, how much speaks for it: each part about 0 to 1, `media` from -1."""

    own: Numbers
    job: Numbers
    words: Numbers
    names: Numbers
    media: Numbers
    liked: Numbers


class Language:
    """What people say, whatever tools there are: the jobs, their sayings' vectors, the words of the language."""

    def __init__(self, jobs: Sequence[Job], sayings: Vectors, common: Container[str]) -> None:
        self.jobs, self.common = tuple(jobs), common
        self._sayings = sayings
        counts = [len(job.say) for job in jobs]
        self._starts = np.cumsum([0, *counts])[:-1]
        self._heads = _heads(sayings, np.repeat(np.arange(len(counts)), counts))
        said = {word for job in jobs for text in (job.words, *job.say) for word in atoms(plain(text))}
        self.spoken = frozenset(said)
        self.dull = frozenset({word for job in jobs for word in atoms(plain(job.words))} | PLAIN | STOPWORDS)

    def nearness(self, vector: Vectors) -> Numbers:
        """Per job: the cosine of its nearest saying, and what tells its sayings from all others."""
        nearest = np.maximum.reduceat(dots(self._sayings, vector), self._starts)
        return np.asarray(nearest + HEAD * (vector @ self._heads), dtype=np.float32)


def _heads(sayings: Vectors, job_of: NDArray[np.int64]) -> Numbers:
    """Ridge regression of the jobs on their sayings, in closed form: shape (size, jobs)."""
    wanted = np.eye(int(job_of.max()) + 1, dtype=np.float32)[job_of]
    inner = sayings.T @ sayings + RIDGE * np.eye(sayings.shape[1], dtype=np.float32)
    return np.asarray(np.linalg.solve(inner, sayings.T @ wanted), dtype=np.float32)


class Corpus:
    """These tools with what is known of them."""

    def __init__(self, tools: Sequence[Tool], store: Nearest, language: Language) -> None:
        self.tools, self.language, self._store = tuple(tools), language, store
        self._owner = np.asarray([row for row, tool in enumerate(tools) for _ in passages_of(tool)], dtype=np.int64)
        doing = [jobs_of(tool, language.jobs) for tool in tools]
        self._doing = _rows_by(range(len(language.jobs)), doing)
        said = [[language.jobs[number] for number in numbers] for numbers in doing]
        self._lexicon = Lexicon([fields_of(*pair) for pair in zip(tools, said, strict=True)], BOOSTS)
        named = [names_of(tool, language.common, language.dull) for tool in tools]
        self._named = _rows_by({name for names in named for name in names}, named)
        self._media = [media.media(tool) for tool in tools]
        self._kinds = {pair: np.asarray([kinds == pair for kinds in self._media]) for pair in set(self._media)}
        self._liked = np.asarray([liked(tool) for tool in tools], dtype=np.float32)
        self._slips = Slips({*language.spoken, *(name for name in self._named if name.isalpha())})

    def mended(self, text: str) -> str:
        """The text without its slips of the keyboard."""
        return self._slips.mended(text, lambda word: word in self.language.common)

    def read(self, text: str, vector: Vectors) -> Query:
        """A mended text with its vector."""
        words = tokens(text)
        found = called(text, self._named, self.language.common, self.language.dull)
        total = sum(self._lexicon.rarity(word) if word in self._lexicon else 2.0 for word in dict.fromkeys(words))
        return Query(text, vector, words, found, media.spoken(text), total)

    def evidence(self, query: Query) -> Evidence:
        """Everything that speaks for each tool."""
        return Evidence(
            own=self._own(query.vector), job=self._job(query.vector),
            words=self._lexicon.scores(query.tokens, query.total), names=self._names(query.names),
            media=self._fit(query.media), liked=self._liked,
        )  # fmt: skip

    def beside(self, query: Query, own: Sequence[Own]) -> Evidence:
        """The same for a person's own tools, as if they were in here. Nobody has heard of their jobs: their texts are all
        that tells what they are asked for. What is called by its title is named."""
        near = _numbers((vectors @ query.vector).max() for _, vectors in own)
        return Evidence(
            own=near, job=near,
            words=_numbers(self._lexicon.score(fields_of(tool, ()), query.tokens, query.total) for tool, _ in own),
            names=_numbers(is_said(tool.title, query.text) for tool, _ in own),
            media=_numbers(media.fit(query.media, *media.media(tool)) for tool, _ in own),
            liked=_numbers(liked(tool) for tool, _ in own),
        )  # fmt: skip

    def _own(self, vector: Vectors) -> Numbers:
        rows, scores = self._store.nearest(vector, LOOKED_AT)
        best = np.full(len(self.tools), scores[-1] if len(scores) else 0.0, dtype=np.float32)
        np.maximum.at(best, self._owner[rows], scores)
        return best

    def _job(self, vector: Vectors) -> Numbers:
        near = self.language.nearness(vector)
        best = np.zeros(len(self.tools), dtype=np.float32)
        for number, rows in self._doing.items():
            best[rows] = np.maximum(best[rows], near[number])
        return best

    def _names(self, names: Sequence[str]) -> Numbers:
        found = np.zeros(len(self.tools), dtype=np.float32)
        weights = {name: self._name_rarity(name) for name in names}
        for name, weight in weights.items():
            found[self._named[name]] += weight / sum(weights.values())
        return found

    def _name_rarity(self, name: str) -> float:
        return math.log(1 + len(self.tools) / len(self._named[name]))

    def _fit(self, said: media.Spoken) -> Numbers:
        found = np.zeros(len(self.tools), dtype=np.float32)
        for (takes, gives), which in self._kinds.items():
            found[which] = media.fit(said, takes, gives)
        return found


def liked(tool: Tool) -> float:
    """0 to about 1: how much it is used elsewhere, and more where somebody chose it by hand."""
    return tool.popularity + CURATED * (tool.source.kind is SourceKind.CURATED)


def _numbers(values: Iterable[float]) -> Numbers:
    return np.asarray(list(values), dtype=np.float32)


def _rows_by(keys: object, sets: Sequence[object]) -> dict:  # type: ignore[type-arg]
    found: dict = {key: [] for key in keys}  # type: ignore[type-arg, attr-defined]
    for row, members in enumerate(sets):
        for member in members:  # type: ignore[attr-defined]
            found[member].append(row)
    return {key: np.asarray(rows, dtype=np.int64) for key, rows in found.items() if rows}
