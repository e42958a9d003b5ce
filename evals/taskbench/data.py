"""Read TaskBench's files: tools, requests, gold plans. The data itself stays outside the project."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agent.taskplan.lessons import Lesson
from agent.taskplan.model import Inventory, inventory
from evals.errors import BenchmarkBroken
from evals.taskbench.scoring import Outline, outline

SHARES = {"single": 2037, "chain": 2982, "dag": 565}
"""How many requests of each sort the whole multimedia domain has: scores are told in this mix too."""


@dataclass(frozen=True)
class Gold:
    """A request and its right plan."""

    id: str
    request: str = field(repr=False)
    sort: str
    plan: Outline = field(repr=False)


def tools(path: Path) -> Inventory:
    """Raises BenchmarkBroken, InventoryBroken."""
    return inventory(rows(path))


def requests(path: Path) -> list[tuple[str, str]]:
    """(id, words) of each line; nothing else of it is looked at. Raises BenchmarkBroken."""
    return [(str(_of(row, "id", path)), str(_of(row, "user_request", path))) for row in rows(path)]


def gold(paths: Iterable[Path], known: Inventory) -> list[Gold]:
    """Raises BenchmarkBroken."""
    return [
        Gold(str(_of(row, "id", path)), str(_of(row, "user_request", path)), str(row.get("type", "")), outline(row, known))
        for path in paths for row in rows(path)
    ]  # fmt: skip


def lessons(examples: Sequence[Gold], known: Inventory) -> list[Lesson]:
    """What training learns from; rare sorts count more, by the root of what they lack."""
    position = {tool.name: number for number, tool in enumerate(known.tools)}
    here = Counter(example.sort for example in examples)
    raw = [
        Lesson(
            example.request,
            frozenset(position[name] for name in example.plan.tools),
            frozenset((position[a], position[b]) for a, b in example.plan.links),
            example.sort,
            (SHARES.get(example.sort, 1) / here[example.sort]) ** 0.5,
        )
        for example in examples
    ]
    mean = sum(lesson.weight for lesson in raw) / max(1, len(raw))
    return [replace(lesson, weight=lesson.weight / mean) for lesson in raw]


def writable(out: Path, *inputs: Path) -> None:
    """Raises BenchmarkBroken before any work: a file that is read is not written over, and a folder must be there."""
    if any(out.resolve() == one.resolve() for one in inputs):
        raise BenchmarkBroken(f"{out.name} is one of the files to read: name another for what is written.")
    if not out.absolute().parent.is_dir():
        raise BenchmarkBroken(f"There is no folder {out.parent} to write to.")


def rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file, or of a JSON list. Raises BenchmarkBroken."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        listed = json.loads(text) if text.lstrip().startswith("[") else _lines(text, path)
    except OSError:
        raise BenchmarkBroken(f"There is no file {path} to read.") from None
    except ValueError as error:
        raise BenchmarkBroken(f"{path.name} is neither JSON Lines nor a JSON list: {error}.") from None
    if not all(isinstance(row, dict) for row in listed):
        raise BenchmarkBroken(f"{path.name} must hold one JSON object a line.")
    return list(listed)


def _lines(text: str, path: Path) -> list[Any]:
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            found += [json.loads(line)] if line.strip() else []
        except ValueError:
            raise BenchmarkBroken(f"Line {number} of {path.name} is neither JSON Lines nor a JSON list.") from None
    return found


def _of(row: dict[str, Any], key: str, path: Path) -> Any:
    if key not in row:
        raise BenchmarkBroken(f"A line of {path.name} has no `{key}`.")
    return row[key]
