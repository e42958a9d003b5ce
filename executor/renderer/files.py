"""The three folders of a renderer, and the only code that turns a client's names into paths."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

KINDS = ("input", "output", "temp")
_COUNTER = re.compile(r"^(?P<prefix>.*)_(?P<number>\d+)_?(?:\..*)?$", re.DOTALL)


class OutsideFolder(ValueError):
    """A name leads out of the folder it belongs to."""


@dataclass(frozen=True)
class Folders:
    """`input`, `output` and `temp` under one data folder."""

    root: Path

    def prepare(self) -> None:
        """Make the folders; what a former run left in `temp` is dropped."""
        shutil.rmtree(self.root / "temp", ignore_errors=True)
        for kind in KINDS:
            (self.root / kind).mkdir(parents=True, exist_ok=True)

    def of(self, kind: str) -> Path:
        """The folder of a kind. KeyError for a kind there is none of."""
        if kind not in KINDS:
            raise KeyError(kind)
        return (self.root / kind).absolute()

    def inputs(self) -> list[str]:
        """Names of the files that LoadImage offers."""
        return sorted(entry.name for entry in self.of("input").iterdir() if entry.is_file())

    def locate(self, name: str) -> Path:
        """Path of `name`, `folder/name` or `name [output]`. OutsideFolder when it leaves its folder."""
        plain, kind = annotated(name)
        return inside(self.of(kind or "input"), plain)


@dataclass(frozen=True)
class Slot:
    """Where the next file of a prefix goes."""

    folder: Path
    subfolder: str
    stem: str
    counter: int

    def name(self, batch_number: int) -> str:
        stem = self.stem.replace("%batch_num%", str(batch_number))
        return f"{stem}_{self.counter + batch_number:05}_.png"


def annotated(name: str) -> tuple[str, str | None]:
    """Split `x.png [temp]` into name and kind."""
    for kind in KINDS:
        if name.endswith(f"[{kind}]"):
            return name[: -len(kind) - 2].rstrip(), kind
    return name, None


def inside(folder: Path, *parts: str) -> Path:
    """Join parts below a folder. OutsideFolder when the result is elsewhere, or no possible path."""
    if any("\0" in part for part in parts):
        raise OutsideFolder("a name holds a zero byte")
    # By the letters of the path alone: a link that was put into the folder on purpose is its owner's business.
    path = Path(os.path.normpath(folder.absolute().joinpath(*parts)))
    if not path.is_relative_to(os.path.normpath(folder.absolute())):
        raise OutsideFolder("a name leaves its folder")
    return path


def next_slot(folder: Path, prefix: str, width: int, height: int) -> Slot:
    """The place for the next picture of a prefix; the folder is made. OutsideFolder when the prefix leaves it."""
    filled = _fill(prefix, width, height)
    head, stem = os.path.split(os.path.normpath(filled))
    try:
        target = inside(folder, head)
    except OutsideFolder as error:
        raise OutsideFolder("Saving image outside the output folder is not allowed.") from error
    target.mkdir(parents=True, exist_ok=True)
    return Slot(target, head, stem, _highest(target, stem) + 1)


def store_upload(folder: Path, subfolder: str, name: str, body: IO[bytes], overwrite: bool) -> str:
    """Write an uploaded file and return the name it got: the same bytes keep theirs, others get a number."""
    target = inside(folder, subfolder, name)
    inside(folder, subfolder).mkdir(parents=True, exist_ok=True)
    final = name if overwrite else _free_name(target, name, body)
    body.seek(0)
    with target.with_name(Path(final).name).open("wb") as out:
        shutil.copyfileobj(body, out)
    return final


def sha256(source: IO[bytes]) -> str:
    """Digest of everything in a file, from its beginning."""
    source.seek(0)
    digest = hashlib.sha256()
    while block := source.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def _free_name(target: Path, name: str, body: IO[bytes]) -> str:
    digest = sha256(body)
    ending = Path(name).suffix
    stem = name.removesuffix(ending)
    candidate, number = name, 1
    while (path := target.with_name(Path(candidate).name)).exists():
        with path.open("rb") as known:
            if sha256(known) == digest:
                return candidate
        candidate, number = f"{stem} ({number}){ending}", number + 1
    return candidate


def _fill(prefix: str, width: int, height: int) -> str:
    now = time.localtime()
    values = {
        "width": str(width),
        "height": str(height),
        "year": str(now.tm_year),
        "month": f"{now.tm_mon:02}",
        "day": f"{now.tm_mday:02}",
        "hour": f"{now.tm_hour:02}",
        "minute": f"{now.tm_min:02}",
        "second": f"{now.tm_sec:02}",
    }
    for word, value in values.items():
        prefix = prefix.replace(f"%{word}%", value)
    return prefix


def _highest(folder: Path, stem: str) -> int:
    wanted = os.path.normcase(stem)
    found = (_COUNTER.match(entry) for entry in (path.name for path in folder.iterdir()))
    return max((int(m["number"]) for m in found if m and os.path.normcase(m["prefix"]) == wanted), default=0)
