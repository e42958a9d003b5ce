"""The baseline: which cases the embedded planner passes, a line a case, so that it is easy to read, merge and make anew."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from evals.model import Verdict

FILE = Path(__file__).parent / "baseline.json"


def read(path: Path = FILE) -> dict[str, str]:
    """Case -> `pass HASH` or `fail HASH`; the hash is that of what was asked and expected then."""
    return dict(json.loads(path.read_text(encoding="utf-8")))


def write(verdicts: Sequence[Verdict], path: Path = FILE) -> int:
    """Take this run for the baseline; cases that it did not ask keep their lines. Returns how many lines there are."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    lines = {**kept, **marks(verdicts)}
    body = ",\n".join(f"{json.dumps(key)}: {json.dumps(lines[key])}" for key in sorted(lines))
    path.write_text("{\n" + body + "\n}\n", encoding="utf-8")
    return len(lines)


def marks(verdicts: Sequence[Verdict]) -> dict[str, str]:
    """A case asked several times passes when it passed each time."""
    failed = {verdict.case.key for verdict in verdicts if not verdict.passed}
    return {v.case.key: f"{'fail' if v.case.key in failed else 'pass'} {v.case.hash()}" for v in verdicts}


def fallen(verdicts: Sequence[Verdict], baseline: Mapping[str, str]) -> list[Verdict]:
    """What passed and does not now. New cases, and cases that say something else now, cannot fall."""
    return [v for v in verdicts if not v.passed and baseline.get(v.case.key) == f"pass {v.case.hash()}"]
