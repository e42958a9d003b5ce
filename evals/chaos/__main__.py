"""`python -m evals.chaos`: shake a whole house and count. Exit code 1 when anything was lost, doubled or orphaned."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

from rich.console import Console

from base.log import configure
from evals.chaos.model import Report, Size
from evals.chaos.rolling import roll_over
from evals.chaos.showing import as_json, show
from evals.chaos.storm import weather
from evals.chaos.traces import troubles


def main() -> None:
    """Read the arguments, shake, show."""
    options = _arguments()
    configure("WARNING")
    size = Size(**{field.name: getattr(options, field.name) for field in fields(Size)})
    with _folder(options.keep) as folder:
        report = asyncio.run(_until_told(size, folder, options.rolling))
        wrong = troubles(folder)
    if options.json:
        sys.stdout.write(json.dumps(as_json(report, wrong), indent=2) + "\n")
    else:
        show(report, wrong, Console())
    sys.exit(0 if report.whole else 1)


async def _until_told(size: Size, folder: Path, rolling: bool) -> Report:
    """The report; SIGTERM ends the programs that were started before it ends us."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await (roll_over if rolling else weather)(size, folder, lambda line: print(line, file=sys.stderr, flush=True))


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    """The one that was named, which stays; else one that goes."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evals.chaos", description=__doc__)
    for field in fields(Size):
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=type(field.default), default=field.default)
    parser.add_argument("--rolling", action="store_true", help="no monkey: restart every web and worker under load")
    parser.add_argument("--json", action="store_true", help="print only JSON")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="work there and leave everything: logs, data, disks")
    return parser.parse_args()


if __name__ == "__main__":
    main()
