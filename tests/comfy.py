"""A ComfyUI for tests: the embedded renderer as a server of its own, with as much delay at each step as wanted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.server import ROOT


@contextmanager
def running_comfy(data: Path, *arguments: str, step_delay: float = 0.0) -> Iterator[str]:
    """The address of a renderer that runs until the end of the block."""
    data.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "executor.renderer", "--port", "0", "--data", str(data), "--parent-pipe"]
    process = subprocess.Popen(
        [*command, "--step-delay", str(step_delay), *arguments],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}"
        finally:
            process.terminate()
