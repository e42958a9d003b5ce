"""Run a program for as long as standard input stays open: `python -m bots.terminal.keeper PROGRAM...`.

The terminal holds the other end of the pipe. However the terminal ends, kill -9 included, the pipe closes, and the
program is asked to end too.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import BinaryIO

PATIENCE_S = 15.0


def main(arguments: list[str]) -> int:
    """The program's exit code."""
    program = subprocess.Popen(arguments, stdin=subprocess.DEVNULL)
    threading.Thread(target=_end_with, args=(sys.stdin.buffer, program), daemon=True).start()
    return program.wait()


def _end_with(pipe: BinaryIO, program: subprocess.Popen[bytes]) -> None:
    while pipe.read(1024):
        pass
    program.terminate()
    try:
        program.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        program.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
