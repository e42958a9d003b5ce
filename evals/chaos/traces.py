"""What the programs left behind: their logs, and the renderers' disks. Figures, no verdicts."""

from __future__ import annotations

import json
import re
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from evals.chaos.programs import Program

_MADE = re.compile(r"(?P<job>[0-9a-f-]{36}).*_\d{5}_\.\w+$")


def figures(folder: Path, programs: Mapping[str, Program], seconds: Mapping[str, float]) -> dict[str, float]:
    """`seconds` of GPU by job, of the execution that counted."""
    again = executed_again(folder)
    waits = take_over_waits(folder, programs)
    return {
        "executed_again": float(again.total()),
        "gpu_seconds_twice": sum(n * seconds.get(job, 0.0) for job, n in again.items()),
        "gpu_seconds": sum(seconds.values()),
        "take_overs": float(len(waits)),
        "take_over_median_s": statistics.median(waits) if waits else 0.0,
        "take_over_longest_s": max(waits, default=0.0),
        "crashes": float(sum(program.crashes for program in programs.values())),
    }


def executed_again(folder: Path) -> Counter[str]:
    """Job -> how often a renderer finished its picture beyond the first time."""
    made: Counter[tuple[str, str]] = Counter()
    for path in folder.glob("comfy-*/output/stationthis/*"):
        if match := _MADE.match(path.name):
            made[(match["job"], re.sub(r"_\d{5}_", "", path.name))] += 1
    again: Counter[str] = Counter()
    for (job, _), times in made.items():
        again[job] = max(again[job], times - 1)
    return +again


def take_over_waits(folder: Path, programs: Mapping[str, Program]) -> list[float]:
    """Seconds from the last blow to a worker until a job was taken over."""
    blows = sorted(at for name, program in programs.items() if name.startswith("worker") for at in program.hit_at)
    waits = []
    for line in _lines(folder, "worker-*.log"):
        if line.get("event") == "job_taken_over":
            at = datetime.fromisoformat(line["timestamp"]).timestamp()
            waits += [at - max(before)] if (before := [blow for blow in blows if blow <= at]) else []
    return waits


def troubles(folder: Path) -> Counter[str]:
    """Program's kind and the name of what it logged as an error -> how often."""
    found: Counter[str] = Counter()
    for kind in ("worker", "web"):
        for line in _lines(folder, f"{kind}-*.log"):
            if line.get("level") in ("error", "critical"):
                found[f"{kind} {line.get('event')} {line.get('error', line.get('kind', ''))}".strip()] += 1
    return found


def _lines(folder: Path, pattern: str) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob(pattern)):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                told = json.loads(line)
            except ValueError:
                continue  # a traceback of something that is not ours
            if isinstance(told, dict):
                yield told
