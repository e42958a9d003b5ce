"""`python -m executor.renderer`: serve until SIGTERM, or until the parent is gone."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from .config import Config
from .server import running


def main() -> None:
    options = _arguments()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s %(message)s")
    asyncio.run(_serve(options))
    logging.shutdown()
    # A node that is deep in one long numpy call must not hold the process back.
    os._exit(0)


async def _serve(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if options.parent_pipe:
        threading.Thread(target=_watch_parent, args=(loop, stop), daemon=True).start()
    async with running(_config(options), options.host, options.port) as port:
        sys.stdout.write(json.dumps({"port": port, "pid": os.getpid()}) + "\n")
        sys.stdout.flush()
        await stop.wait()


def _watch_parent(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """The kernel closes the pipe when the parent dies, however it dies."""
    while os.read(0, 4096):
        pass
    loop.call_soon_threadsafe(stop.set)


def _config(options: argparse.Namespace) -> Config:
    return Config(
        data=options.data,
        checkpoints=tuple(options.checkpoint or Config.checkpoints),
        loras=tuple(options.lora),
        upscalers=tuple(options.upscaler),
        step_delay=options.step_delay,
        preview=options.preview,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m executor.renderer", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--data", type=Path, required=True, help="folder for input, output and temp")
    parser.add_argument("--checkpoint", action="append", default=[], metavar="NAME")
    parser.add_argument("--lora", action="append", default=[], metavar="NAME")
    parser.add_argument("--upscaler", action="append", default=[], metavar="NAME")
    parser.add_argument("--step-delay", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--preview", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--parent-pipe", action="store_true", help="end when standard input closes")
    return parser.parse_args()


if __name__ == "__main__":
    main()
