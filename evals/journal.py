"""The journal of a run: JSON lines, a header and then a case each, on the disk before the next one is asked."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from pydantic import ValidationError

from evals.errors import JournalBroken, RunNameTaken, RunNotRecorded
from evals.model import Figures, Header, Journal, Verdict

RESULTS = Path("evals", "results")
ENDING = ".jsonl"


def path_of(run: str, folder: Path = RESULTS) -> Path:
    """The journal of a run: by name, by path, or the newest with `latest`. Raises RunNotRecorded."""
    if run == "latest":
        found = sorted(folder.glob(f"*{ENDING}"), key=lambda path: path.stat().st_mtime)
        if not found:
            raise RunNotRecorded(f"There is no run in {folder}.")
        return found[-1]
    for path in (Path(run), folder / run, folder / f"{run}{ENDING}"):
        if path.is_file():
            return path
    raise RunNotRecorded(f"There is no run called {run}.")


def new_path(run: str, folder: Path = RESULTS) -> Path:
    """Where a new run is kept. Raises RunNameTaken: answers that cost time or money are not written over."""
    if not re.fullmatch(r"\w[\w.-]*", run):
        raise RunNameTaken(f"{run} cannot be the name of a run.")
    path = folder / f"{run}{ENDING}"
    if path.exists():
        raise RunNameTaken(f"There is a run called {run} already.")
    return path


def read(path: Path) -> Journal:
    """The whole journal; a torn last line, of a run that was killed, is left out. Raises JournalBroken."""
    lines = _whole_lines(path)
    try:
        header, *rest = [json.loads(line) for line in lines]
        records = [_record(line) for line in rest]
        return Journal(
            header=Header.model_validate(header),
            verdicts=tuple(record for record in records if isinstance(record, Verdict)),
            latency=tuple(record for record in records if isinstance(record, Figures)),
        )
    except (ValueError, ValidationError) as error:
        raise JournalBroken(f"{path.name} is not the journal of a run of this version.") from error


@contextmanager
def writing(path: Path, header: Header) -> Iterator[Writer]:
    """A new journal, or with the same header the rest of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        mended = "".join(f"{line}\n" for line in _whole_lines(path))
        path.write_text(mended, encoding="utf-8")
    with path.open("a", encoding="utf-8") as file:
        writer = Writer(file)
        if path.stat().st_size == 0:
            writer.line(header.model_dump(mode="json"))
        yield writer


class Writer:
    """Appends to a journal; what it has written survives whatever comes next."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def verdict(self, verdict: Verdict) -> None:
        self.line({"verdict": verdict.model_dump(mode="json", exclude_defaults=True)})

    def latency(self, figures: Iterable[Figures]) -> None:
        for figure in figures:
            self.line({"latency": figure.model_dump(mode="json")})

    def line(self, body: dict[str, Any]) -> None:
        self._file.write(json.dumps(body, ensure_ascii=False, separators=(",", ":")) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def _whole_lines(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8", errors="replace")
    lines = text.split("\n")
    return [line for line in lines[:-1] if line.strip()]


def _record(line: dict[str, Any]) -> Verdict | Figures:
    return Figures.model_validate(line["latency"]) if "latency" in line else Verdict.model_validate(line["verdict"])
