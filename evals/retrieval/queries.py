"""The queries of `queries.yaml`, and of `blind.yaml` that was written without knowing the search, read strictly."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from evals import yamls
from evals.errors import SuiteBroken

FILES = ("queries.yaml", "blind.yaml")
Split = Literal["dev", "held", "blind"]
"""What tuners read, what they do not, and what was written without reading theirs: told apart in every sum."""


@dataclass(frozen=True)
class Query:
    """What somebody says, and which tools are right: names, or patterns of names."""

    family: str
    text: str
    right: tuple[str, ...]
    blind: bool = False

    @property
    def split(self) -> Split:
        """Of what is not blind, a third is held out, by the hash of the words."""
        if self.blind:
            return "blind"
        return "held" if int(hashlib.sha256(f"catalogue/{self.text}".encode()).hexdigest()[:8], 16) % 3 == 0 else "dev"

    @property
    def held_out(self) -> bool:
        """Whether whoever tunes the search does not look at it."""
        return self.split != "dev"

    def fits(self, names: Iterable[str]) -> bool:
        """Whether a tool that is known by these names is right."""
        return any(fnmatchcase(name, pattern) for name in names for pattern in self.right)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Asked(_Strict):
    say: str
    right: list[str] = []
    alt: list[str] = []


class _Family(_Strict):
    family: str
    right: list[str] = []
    alt: list[str] = []
    ask: list[_Asked | str]


class _File(_Strict):
    blind: bool = False
    sets: dict[str, list[str]]
    queries: list[_Family]


@cache
def load() -> tuple[Query, ...]:
    """All queries of all files, in order. Raises SuiteBroken."""
    folder = resources.files("evals") / "retrieval"
    return tuple(query for name in FILES for query in parse((folder / name).read_text(encoding="utf-8"), name))


def select(split: Split | Literal["all"]) -> tuple[Query, ...]:
    return tuple(query for query in load() if split in ("all", query.split))


def parse(text: str, name: str = FILES[0]) -> tuple[Query, ...]:
    """Raises SuiteBroken where something is missing, unknown, or asked twice."""
    try:
        file = _File.model_validate(yamls.load(text))
    except (ValueError, ValidationError) as error:
        raise SuiteBroken(f"{name}: {_first_line(error)}.") from None
    found = [_query(family, asked, file) for family in file.queries for asked in family.ask]
    texts = [query.text for query in found]
    twice = sorted({text for text in texts if texts.count(text) > 1})
    without = [query.text for query in found if not query.right]
    if twice or without:
        raise SuiteBroken(f"{name}: {'asked twice' if twice else 'nothing is right'}: {(twice or without)[0]}.")
    return tuple(found)


def _query(family: _Family, asked: _Asked | str, file: _File) -> Query:
    one = _Asked(say=asked) if isinstance(asked, str) else asked
    right = (one.right or family.right) + one.alt + family.alt
    return Query(family.family, one.say, tuple(name for entry in right for name in file.sets.get(entry, [entry])), file.blind)


def _first_line(error: Any) -> str:
    return str(error).splitlines()[0]
