"""What a server must not be able to do by being slow, or old."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from executor.comfy.faults import Faulted
from executor.comfy.http import ComfyHttp, FileRef
from executor.model import FaultKind
from executor.testing import FaultyComfy
from tests.executor.conftest import OWNER, Floor, create, eventually
from tests.executor.test_takeover import slow


class Trickling(FaultyComfy):
    """Sends a byte now and then, and never the last."""

    asked = 0

    async def _view(self, request: web.Request) -> web.Response:
        self.asked += 1
        response = web.StreamResponse(headers={"Content-Type": "image/png"})
        await response.prepare(request)
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.02)


class Old(FaultyComfy):
    """Knows no id in an interrupt: it stops whatever runs."""

    async def _interrupt(self, request: web.Request) -> web.Response:
        self._interrupted.set()
        return await super()._interrupt(request)


async def test_a_file_that_trickles_does_not_come(tmp_path: Path) -> None:
    async with Trickling() as server:
        http = ComfyHttp(server.url, patience_s=0.3)
        with pytest.raises(Faulted) as caught:
            await http.fetch(FileRef("x.png"), tmp_path / "x")
        await http.close()
    assert caught.value.fault.kind is FaultKind.CONNECTION


async def test_a_job_whose_result_trickles_can_be_cancelled(both: Floor) -> None:
    async with Trickling() as server, both.open(server.url) as executor:
        run_id = await both.start(executor, create())
        await eventually(lambda: server.asked > 0)
        await executor.runs.cancel(run_id, OWNER.account_id)
        assert (await both.until(run_id))[-1].type == "run.cancelled"
        await eventually(lambda: server.history == {})  # nor do the words stay where others could read them


async def test_what_a_stranger_renders_on_an_old_server_goes_on() -> None:
    graph = {"9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "x"}}}
    async with Old() as server:
        server.hold.clear()
        http = ComfyHttp(server.url)
        for name in ("a stranger's", "ours"):
            await http.submit(graph, name, None, {})
        await eventually(lambda: server.running == "a stranger's" and len(server.pending) == 1)
        for name in ("ours", "one that is gone"):
            await http.cancel(name)
        assert (server.interrupts, server.pending) == ([], [])
        await http.cancel("a stranger's")
        await eventually(lambda: server.running is None)
        await http.close()


async def test_what_was_given_up_leaves_no_words_in_the_servers_history(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with floor.open(comfy.url, tools=[slow(0.3)]) as executor:
        run_id = await floor.start(executor, create().model_copy(update={"tool": "slow"}))
        assert (await floor.until(run_id))[-1].data["code"] == "too_slow"
        await eventually(lambda: comfy.done > 0 and comfy.history == {})
