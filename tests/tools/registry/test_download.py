"""Fetching files from a real HTTP server on this machine, with everything that goes wrong on the way."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from base.clock import SystemClock
from tools.registry.download import Source, download, public_only
from tools.registry.entries import entry_model
from tools.registry.errors import (
    BadModelEntry,
    BadModelUrl,
    DiskFull,
    DownloadBusy,
    FileExists,
    NothingToDownload,
    SourceFailed,
    SourceGated,
    SourceGone,
    WrongHash,
)
from tools.registry.gpu import Gpu, gpus, parsed, verdict
from tools.registry.model import RegisteredModel
from tools.registry.part import Part

DATA = bytes(range(256)) * 4096  # a megabyte
SHA256 = hashlib.sha256(DATA).hexdigest()
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class HurriedClock(SystemClock):
    """Real time, in which waiting takes none."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0)


@dataclass
class Seen:
    """What the server was asked."""

    url: str
    headers: list[dict[str, str]] = field(default_factory=list)


@asynccontextmanager
async def serving(handler: Handler, **more: Handler) -> AsyncIterator[Seen]:
    seen = Seen("")

    async def noting(request: web.Request) -> web.StreamResponse:
        seen.headers.append(dict(request.headers))
        return await handler(request)

    app = web.Application()
    app.router.add_get("/x.safetensors", noting)
    for name, other in more.items():
        app.router.add_get(f"/{name}", other)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    seen.url = f"http://127.0.0.1:{runner.addresses[0][1]}/x.safetensors"
    try:
        yield seen
    finally:
        await runner.cleanup()


async def whole(request: web.Request) -> web.StreamResponse:
    """As a good server answers: ranges, of the version that is meant."""
    headers, start = {"ETag": '"v1"', "Accept-Ranges": "bytes"}, 0
    if "Range" in request.headers and request.headers.get("If-Range", '"v1"') == '"v1"':
        start = int(request.headers["Range"].removeprefix("bytes=").rstrip("-"))
        if start >= len(DATA):
            return web.Response(status=416, headers={"Content-Range": f"bytes */{len(DATA)}"})
        headers["Content-Range"] = f"bytes {start}-{len(DATA) - 1}/{len(DATA)}"
    return web.Response(status=206 if start else 200, body=DATA[start:], headers=headers)


def cut(after: int, times: int = 1) -> Handler:
    """Breaks off after so many bytes, the first few times."""
    left = [times]

    async def answer(request: web.Request) -> web.StreamResponse:
        if left[0] == 0:
            return await whole(request)
        left[0] -= 1
        complete = await whole(request)
        broken = web.StreamResponse(status=complete.status, headers=complete.headers)
        await broken.prepare(request)
        assert isinstance(complete, web.Response)
        assert isinstance(complete.body, bytes)
        await broken.write(complete.body[:after])
        assert request.transport is not None
        request.transport.abort() if after == 0 else request.transport.close()
        return broken

    return answer


def saying(status: int, **headers: str) -> Handler:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers=headers)

    return answer


def model(url: str | None, **values: Any) -> RegisteredModel:
    return entry_model({"folder": "loras", "file": "x.safetensors", "url": url, "sha256": SHA256, **values})


def source(clock: HurriedClock | None = None, **values: Any) -> Source:
    return Source(clock or HurriedClock(), permitted=lambda url: "127.0.0.1" in url or "localhost" in url, **values)


def quiet(_done: int, _total: int | None) -> None:
    return None


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


async def test_a_file_comes_whole_verified_and_with_progress(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    async with serving(whole) as server:
        got = await download(model(server.url), tmp_path, source(), lambda done, total: told.append((done, total)))

    assert (got.state, got.verified, got.bytes) == ("fetched", True, len(DATA))
    assert (tmp_path / "loras/x.safetensors").read_bytes() == DATA
    assert left_in(tmp_path) == ["x.safetensors"]
    assert told[0] == (0, len(DATA))
    assert told[-1] == (len(DATA), len(DATA))


async def test_a_cut_is_gone_on_from_at_once_without_asking_for_what_came(tmp_path: Path) -> None:
    clock = HurriedClock()
    async with serving(cut(300_000, times=2)) as server:
        got = await download(model(server.url), tmp_path, source(clock), quiet)

    assert got.path.read_bytes() == DATA
    assert [h.get("Range") for h in server.headers] == [None, "bytes=300000-", "bytes=600000-"]
    assert server.headers[1]["If-Range"] == '"v1"'
    assert clock.waits == []


async def test_a_later_command_goes_on_where_an_earlier_one_died(tmp_path: Path) -> None:
    with Part(tmp_path / "loras/x.safetensors") as part:
        part.append(DATA[:1000])
        part.note('"v1"')
    async with serving(whole) as server:
        await download(model(server.url, sha256=None), tmp_path, source(), quiet)

    assert server.headers[0]["Range"] == "bytes=1000-"
    assert (tmp_path / "loras/x.safetensors").read_bytes() == DATA


async def test_another_version_is_never_mixed_with_the_first(tmp_path: Path) -> None:
    with Part(tmp_path / "loras/x.safetensors") as part:
        part.append(b"old" * 100)
        part.note('"v0"')
    async with serving(whole) as server:
        await download(model(server.url), tmp_path, source(), quiet)

    assert (tmp_path / "loras/x.safetensors").read_bytes() == DATA


@pytest.mark.parametrize("note", [None, 'W/"weak"'])
async def test_a_version_without_a_sure_name_begins_anew_where_no_hash_would_tell(
    tmp_path: Path, note: str | None
) -> None:
    with Part(tmp_path / "loras/x.safetensors") as part:
        part.append(b"other")
        part.note(note)
    async with serving(whole) as server:
        await download(model(server.url, sha256=None), tmp_path, source(), quiet)

    assert "Range" not in server.headers[0]
    assert (tmp_path / "loras/x.safetensors").read_bytes() == DATA


async def test_a_part_that_was_whole_already_is_only_put_in_its_place(tmp_path: Path) -> None:
    with Part(tmp_path / "loras/x.safetensors") as part:
        part.append(DATA)
        part.note('"v1"')
    async with serving(whole) as server:
        got = await download(model(server.url), tmp_path, source(), quiet)

    assert got.path.read_bytes() == DATA
    assert len(server.headers) == 1


async def test_a_part_that_is_longer_than_the_file_begins_anew(tmp_path: Path) -> None:
    with Part(tmp_path / "loras/x.safetensors") as part:
        part.append(DATA + b"more")
        part.note('"v1"')
    async with serving(whole) as server:
        got = await download(model(server.url), tmp_path, source(), quiet)

    assert got.path.read_bytes() == DATA


async def test_a_server_that_knows_no_ranges_sends_all_again(tmp_path: Path) -> None:
    async def deaf(request: web.Request) -> web.StreamResponse:
        return web.Response(body=DATA)

    with Part(tmp_path / "loras/x.safetensors") as part:
        part.append(DATA[:500])
    async with serving(deaf) as server:
        got = await download(model(server.url), tmp_path, source(), quiet)

    assert got.path.read_bytes() == DATA


async def test_a_length_that_is_not_told_is_read_to_its_end(tmp_path: Path) -> None:
    async def chunked(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        answer.enable_chunked_encoding()
        await answer.prepare(request)
        await answer.write(DATA)
        await answer.write_eof()
        return answer

    async with serving(chunked) as server:
        assert (await download(model(server.url), tmp_path, source(), quiet)).bytes == len(DATA)


@pytest.mark.parametrize("promised", [{"sha256": "0" * 64}, {"sha256": None, "bytes": 7}])
async def test_another_file_than_was_promised_is_thrown_away(tmp_path: Path, promised: dict[str, Any]) -> None:
    async with serving(whole) as server:
        with pytest.raises(WrongHash):
            await download(model(server.url, **promised), tmp_path, source(), quiet)

    assert left_in(tmp_path) == []


@pytest.mark.parametrize(
    ("status", "problem"),
    [(404, SourceGone), (410, SourceGone), (401, SourceGated), (403, SourceGated), (418, SourceFailed)],
)
async def test_what_the_source_refuses_is_said_and_not_asked_again(
    tmp_path: Path, status: int, problem: type[Exception]
) -> None:
    async with serving(saying(status)) as server:
        with pytest.raises(problem):
            await download(model(server.url), tmp_path, source(), quiet)

    assert len(server.headers) == 1


async def test_a_busy_source_is_asked_again_ever_later_and_then_given_up(tmp_path: Path) -> None:
    clock = HurriedClock()
    async with serving(saying(503)) as server:
        with pytest.raises(SourceFailed):
            await download(model(server.url), tmp_path, source(clock), quiet)

    assert clock.waits == [1.0, 2.0, 4.0, 8.0, 16.0]
    assert len(server.headers) == 5


async def test_a_source_that_says_when_is_believed(tmp_path: Path) -> None:
    clock = HurriedClock()
    async with serving(saying(429, **{"Retry-After": "7"})) as server:
        with pytest.raises(SourceFailed):
            await download(model(server.url), tmp_path, source(clock), quiet)

    assert set(clock.waits) == {7.0}


async def test_a_token_goes_to_its_host_and_to_none_beyond(tmp_path: Path) -> None:
    asked: list[str | None] = []

    async def store(request: web.Request) -> web.StreamResponse:
        asked.append(request.headers.get("Authorization"))
        return await whole(request)

    async def gate(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != "Bearer secret":
            raise web.HTTPUnauthorized
        raise web.HTTPFound(f"http://localhost:{request.url.port}/store")

    async with serving(gate, store=store) as server:
        with pytest.raises(SourceGated):
            await download(model(server.url), tmp_path, source(), quiet)
        keys = source(tokens={"127.0.0.1": "secret"})
        await download(model(server.url), tmp_path, keys, quiet)

    assert asked == [None]
    assert "secret" not in repr(keys)


async def test_a_redirect_to_a_place_nearby_is_not_followed(tmp_path: Path) -> None:
    async with serving(saying(302, Location="http://169.254.169.254/latest")) as server:
        with pytest.raises(BadModelUrl):
            await download(model(server.url), tmp_path, source(), quiet)


async def test_redirects_in_a_circle_end(tmp_path: Path) -> None:
    async with serving(saying(302, Location="/x.safetensors")) as server:
        with pytest.raises(SourceFailed):
            await download(model(server.url), tmp_path, source(), quiet)


def test_only_public_hosts_by_https_are_asked() -> None:
    assert public_only("https://huggingface.co/a")
    others = ("http://huggingface.co/a", "https://127.0.0.1/a", "https://localhost/a", "file:///a")
    assert [url for url in others if public_only(url)] == []


async def test_a_file_that_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    (tmp_path / "loras").mkdir()
    (tmp_path / "loras/x.safetensors").write_bytes(DATA)
    nowhere = model("http://127.0.0.1:9/x.safetensors")
    assert (await download(nowhere, tmp_path, source(), quiet)).state == "present"
    unverified = await download(nowhere.model_copy(update={"sha256": None}), tmp_path, source(), quiet)
    assert (unverified.state, unverified.verified) == ("present", False)


async def test_another_file_of_that_name_is_kept_unless_told_otherwise(tmp_path: Path) -> None:
    (tmp_path / "loras").mkdir()
    file = tmp_path / "loras/x.safetensors"
    file.write_bytes(b"mine")
    async with serving(whole) as server:
        with pytest.raises(FileExists):
            await download(model(server.url), tmp_path, source(), quiet)
        assert file.read_bytes() == b"mine"
        await download(model(server.url), tmp_path, source(), quiet, replace=True)
    assert file.read_bytes() == DATA


async def test_a_file_that_came_there_meanwhile_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "loras/x.safetensors"

    def intruding(_done: int, _total: int | None) -> None:
        file.write_bytes(b"mine")

    async with serving(whole) as server:
        with pytest.raises(FileExists):
            await download(model(server.url), tmp_path, source(), intruding)
    assert file.read_bytes() == b"mine"


async def test_a_file_that_has_no_room_is_not_begun(tmp_path: Path) -> None:
    huge = str(10**15)

    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": huge})
        await answer.prepare(request)
        return answer

    async with serving(endless) as server:
        with pytest.raises(DiskFull) as caught:
            await download(model(server.url), tmp_path, source(), quiet)
    assert caught.value.facts["needed"] == 10**15
    assert (tmp_path / "loras/x.safetensors.part").stat().st_size == 0


async def test_two_processes_do_not_write_one_file(tmp_path: Path) -> None:
    with Part(tmp_path / "loras/x.safetensors"), pytest.raises(DownloadBusy):
        await download(model("http://127.0.0.1:9/x"), tmp_path, source(), quiet)


async def test_an_entry_without_an_address_or_with_a_wild_path_is_not_fetched(tmp_path: Path) -> None:
    with pytest.raises(NothingToDownload):
        await download(model(None), tmp_path, source(), quiet)
    with pytest.raises(BadModelEntry):
        await download(model("https://example.org/x", file="../x.safetensors"), tmp_path, source(), quiet)


def test_cards_are_read_as_nvidia_smi_tells_them() -> None:
    assert parsed("NVIDIA GeForce RTX 4090, 24564\nbroken\n") == (Gpu("NVIDIA GeForce RTX 4090", 24564 / 1024),)
    assert gpus("no-such-command-anywhere") == ()


def test_the_verdict_names_what_is_needed_and_what_is_there() -> None:
    card = (Gpu("Card", 12.0),)
    assert verdict(model(None, vram_gb=8), card)[0] is True
    assert verdict(model(None, vram_gb=24), card) == (
        False,
        "it needs 24 GB and Card has 12 GB: ComfyUI would have to swap",
    )
    assert verdict(model(None), card)[0] is None
    fits, why = verdict(model(None, vram_gb=8), ())
    assert fits is None
    assert "nvidia-smi" in why
