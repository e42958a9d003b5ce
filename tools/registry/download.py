"""Fetch a weight file: resumed where it was cut off, verified, put in its place at once, never over another file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

from base.clock import Clock
from base.http import client
from tools.registry.checking import is_plain_path
from tools.registry.errors import (
    BadModelEntry,
    BadModelUrl,
    FileExists,
    NothingToDownload,
    SourceFailed,
    SourceGated,
    SourceGone,
    WrongHash,
)
from tools.registry.model import FOLDERS, RegisteredModel
from tools.registry.part import Part, hash_of
from tools.registry.urls import is_public_name

REDIRECTS = 5
TRIES = 5
"""How often in a row nothing may come before the download gives up."""
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})

Progress = Callable[[int, int | None], None]
"""Told the bytes that are there, and how many it will be where that is known."""


def public_only(url: str) -> bool:
    """Whether an address may be asked: https, to a public host. Holds for every redirect too."""
    parts = urlsplit(url)
    return parts.scheme == "https" and is_public_name(parts.hostname or "")


@dataclass(frozen=True)
class Source:
    """How files are fetched. `tokens` by host are sent to that very host and to none that it redirects to."""

    clock: Clock
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)
    permitted: Callable[[str], bool] = public_only
    patience_s: float = 60.0
    """How long a source may be silent."""


@dataclass(frozen=True)
class Fetched:
    """`state` is `fetched` or `present`; `verified` whether a published hash was compared."""

    path: Path
    state: str
    bytes: int
    verified: bool


async def download(
    model: RegisteredModel, folder: Path, source: Source, progress: Progress, *, replace: bool = False
) -> Fetched:
    """Bring a model into `folder/models-folder/file`.

    Raises NothingToDownload, BadModelEntry, BadModelUrl, FileExists, DownloadBusy, DiskFull, SourceGated, SourceGone,
    SourceFailed, WrongHash.
    """
    if model.url is None:
        raise NothingToDownload
    if model.folder not in FOLDERS or not is_plain_path(model.file):
        raise BadModelEntry(f"{model.id} leads out of its folder.")
    target = folder / model.folder / model.file
    if not replace and await asyncio.to_thread(target.exists):
        return await asyncio.to_thread(_present, model, target)
    async with AsyncExitStack() as stack:
        part = await asyncio.to_thread(stack.enter_context, Part(target, hash_known=model.sha256 is not None))
        http = await stack.enter_async_context(client(read_s=source.patience_s))
        await _fetch(model, part, _Asking(http, source), progress)
        await asyncio.to_thread(_verify, model, part)
        await asyncio.to_thread(part.finish, replace=replace)
        return Fetched(target, "fetched", part.size, model.sha256 is not None)


def _present(model: RegisteredModel, target: Path) -> Fetched:
    """What lies there already, if it is the file; where nothing tells, it is taken as it is and said to be unverified."""
    size = target.stat().st_size
    if (model.bytes is not None and size != model.bytes) or (
        model.sha256 is not None and hash_of(target) != model.sha256
    ):
        raise FileExists
    return Fetched(target, "present", size, model.sha256 is not None)


def _verify(model: RegisteredModel, part: Part) -> None:
    if model.sha256 is not None and part.sha256() != model.sha256:
        part.discard()
        raise WrongHash
    if model.bytes is not None and part.size != model.bytes:
        part.discard()
        raise WrongHash(f"{model.bytes} bytes were promised and {part.size} came.")


async def _fetch(model: RegisteredModel, part: Part, asking: _Asking, progress: Progress) -> None:
    """Ask again from where it stopped, at once when something came, ever later when nothing did."""
    failures = 0
    while failures < TRIES:
        before = part.size
        try:
            if await _read(model, part, asking, progress):
                return
        except _TryAgain as reason:
            wait = reason.wait_s
        except httpx.TransportError:
            wait = None
        failures = 0 if part.size > before else failures + 1
        if failures:
            await asking.source.clock.sleep(wait if wait is not None else min(30.0, 2.0 ** (failures - 1)))
    raise SourceFailed


async def _read(model: RegisteredModel, part: Part, asking: _Asking, progress: Progress) -> bool:
    """One answer of the source into the part; whether the file is whole now."""
    async with AsyncExitStack() as stack:
        answer = await asking.open(stack, model.url or "", part)
        total = await asyncio.to_thread(_settle, answer, model, part)
        progress(part.size, total)
        async for chunk in answer.aiter_raw():
            await asyncio.to_thread(part.append, chunk)
            progress(part.size, total)
        if total is not None and part.size > total:
            await asyncio.to_thread(part.restart)
            return False
        return total is None or part.size == total


def _settle(answer: httpx.Response, model: RegisteredModel, part: Part) -> int | None:
    """Make the part fit what comes, and say how large the whole file will be."""
    if answer.status_code == 416:  # what we have is no beginning of what is there, unless it is all of it
        if part.size and part.size == _whole(answer):
            return part.size
        part.restart()
        raise _TryAgain
    if answer.status_code == 200 and part.size:
        part.restart()
    length = answer.headers.get("content-length", "")
    more = int(length) if length.isdigit() else None
    total = _whole(answer) or (None if more is None else part.size + more)
    part.note(answer.headers.get("etag"))
    expected = total or model.bytes
    part.check_room(0 if expected is None else max(0, expected - part.size))
    return total


def _whole(answer: httpx.Response) -> int | None:
    """The size at the end of `Content-Range: bytes 5-9/10`."""
    size = answer.headers.get("content-range", "").rpartition("/")[2]
    return int(size) if size.isdigit() else None


class _TryAgain(Exception):
    """The source may answer better in a moment."""

    def __init__(self, wait_s: float | None = None) -> None:
        self.wait_s = wait_s


class _Asking:
    """Requests with ranges, tokens and redirects."""

    def __init__(self, http: httpx.AsyncClient, source: Source) -> None:
        self._http, self.source = http, source

    async def open(self, stack: AsyncExitStack, url: str, part: Part) -> httpx.Response:
        """The answer that carries the file. Raises _TryAgain, SourceGated, SourceGone, SourceFailed, BadModelUrl."""
        ranged = _range(part)
        for _ in range(REDIRECTS + 1):
            if not self.source.permitted(url):
                raise BadModelUrl("The address does not lead to a public host by https.")
            headers = {"Accept-Encoding": "identity", **ranged, **self._token(url)}
            answer = await stack.enter_async_context(self._http.stream("GET", url, headers=headers))
            if answer.status_code not in (301, 302, 303, 307, 308):
                return _accepted(answer)
            url = urljoin(url, answer.headers.get("location", ""))
        raise SourceFailed("The source redirects in circles.")

    def _token(self, url: str) -> dict[str, str]:
        token = self.source.tokens.get(urlsplit(url).hostname or "")
        return {} if token is None else {"Authorization": f"Bearer {token}"}


def _range(part: Part) -> dict[str, str]:
    """Ask for the rest only of a version that has a name, or whose hash will tell: else two versions could be mixed."""
    if not part.size:
        return {}
    validator = part.validator
    if validator is None or validator.startswith("W/"):
        return {"Range": f"bytes={part.size}-"} if part.hash_known else {}
    return {"Range": f"bytes={part.size}-", "If-Range": validator}


def _accepted(answer: httpx.Response) -> httpx.Response:
    status = answer.status_code
    if status in (200, 206, 416):
        return answer
    if status in (401, 403):
        raise SourceGated
    if status in (404, 410):
        raise SourceGone
    if status in _AGAIN:
        wait = answer.headers.get("retry-after", "")
        raise _TryAgain(min(60.0, float(wait)) if wait.isdigit() else None)
    raise SourceFailed(f"The source answers {status}.", source_status=status)
