"""`make bench`: print the figures of this machine. Nothing asserts them; run it on a machine that does nothing else."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from base.log import configure
from evals.bench import (
    conversing,
    finding,
    fusing,
    lining,
    prompting,
    queueing,
    recalling,
    rendering,
    streaming,
    waiting,
)
from evals.bench.figures import Figure, table

PARTS = {
    "conversing": conversing.figures, "rendering": rendering.figures, "prompting": prompting.figures,
    "retrieval": finding.figures, "lining": lining.figures, "fusing": fusing.figures,
    "waiting": waiting.figures, "recalling": recalling.figures,
    "queueing": queueing.figures, "streaming": streaming.figures,
}  # fmt: skip
RESULTS = Path("evals", "results", "bench.json")


async def measure(parts: list[str]) -> list[Figure]:
    """The figures of these parts, or of all."""
    found: list[Figure] = []
    for part in parts or list(PARTS):
        with tempfile.TemporaryDirectory() as folder:
            found += await PARTS[part](Path(folder))
    return found


if __name__ == "__main__":
    configure("WARNING")
    measured = asyncio.run(measure(sys.argv[1:]))
    Console().print(table(measured))
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps([asdict(figure) for figure in measured], indent=2) + "\n", encoding="utf-8")
