"""A server that answers everything and does nothing, beside a healthy one: every job is done, and the operator hears of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from executor.assembly import Executor
from executor.providers.static import instance_id
from executor.testing import QUICK, FaultyComfy
from tests.executor.conftest import Floor, create, eventually
from tests.patience import PATIENCE_S

NOT_A_FOLDER = {
    "node_type": "SaveImage", "exception_type": "NotADirectoryError",
    "exception_message": "[Errno 20] Not a directory: '/srv/output/x'\n",
}  # fmt: skip
OF_A_NODE = {"node_type": "SaveImage", "exception_type": "ValueError", "exception_message": "something odd\n"}
RESTS = replace(QUICK, rest_s=(60.0, 60.0))
SICK: list[tuple[dict[str, Any], str]] = [
    ({"raises": NOT_A_FOLDER}, "host_failed"),
    ({"raises": OF_A_NODE}, "node_failed"),
    ({"answer": (500, {"error": "no"})}, "not_taken"),
    ({"answer": (200, {"odd": True})}, "not_taken"),
]


async def _failing(executor: Executor, server: FaultyComfy) -> str | None:
    rows = await executor.operations.instances()
    failing: str | None = next(row["failing"] for row in rows if row["id"] == instance_id(server.url))
    return failing


async def _until_failing(floor: Floor, executor: Executor, server: FaultyComfy) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await _failing(executor, server):
            await floor.clock.sleep(0.02)


async def _ends(floor: Floor, runs: list[str]) -> list[str]:
    return [(await floor.until(run_id))[-1].type for run_id in runs]


@pytest.mark.parametrize(("mood", "code"), SICK)
async def test_every_job_is_done_by_the_other_and_the_sick_one_is_told(both: Floor, mood: dict[str, Any], code: str) -> None:
    people = [await both.person(f"account-{name}") for name in "abcde"]
    async with FaultyComfy() as sick, FaultyComfy() as good:
        vars(sick).update(mood)
        async with both.open(sick.url, good.url, pace=RESTS) as executor:
            await eventually(lambda: all(each.up for each in executor.pool.instances()))
            good.hold.clear()
            runs = [await both.start(executor, create(), owner=owner) for owner in people * 3]
            await _until_failing(both, executor, sick)
            good.hold.set()
            assert await _ends(both, runs) == ["run.completed"] * len(runs)
            assert await _failing(executor, sick)
            assert await _failing(executor, good) is None
            told = [(name, why) for name, why, _ in (await executor.operations.figures()).untrusted]
            assert told == [(instance_id(sick.url), code)]
            assert (await executor.dead_letters.page())[0] == []
    assert 2 <= len(sick.prompts) <= 8  # it draws no line of jobs
    assert len({prompt["prompt_id"] for prompt in good.prompts}) == len(runs)


async def test_connections_that_are_lost_with_each_job_are_told_too(both: Floor) -> None:
    people = [await both.person(f"account-{name}") for name in "abcde"]
    async with FaultyComfy() as sick, FaultyComfy() as good:
        sick.accept.clear()
        async with both.open(sick.url, good.url, pace=replace(RESTS, answer_s=0.3)) as executor:
            await eventually(lambda: all(each.up for each in executor.pool.instances()))
            good.hold.clear()
            runs = [await both.start(executor, create(), owner=owner) for owner in people]
            await _until_failing(both, executor, sick)
            good.hold.set()
            assert await _ends(both, runs) == ["run.completed"] * len(runs)
            assert await _failing(executor, sick)
    assert len(good.prompts) == len(runs)


async def test_one_person_alone_finds_out_by_what_the_other_server_can_do(both: Floor) -> None:
    async with FaultyComfy() as sick, FaultyComfy() as good:
        sick.raises = OF_A_NODE
        async with both.open(sick.url, good.url, pace=RESTS) as executor:
            await eventually(lambda: all(each.up for each in executor.pool.instances()))
            good.hold.clear()
            runs = [await both.start(executor, create()) for _ in range(6)]
            await eventually(lambda: sick.done >= 1)
            good.hold.set()
            assert await _ends(both, runs) == ["run.completed"] * len(runs)
            while not await _failing(executor, sick):
                assert await _ends(both, [await both.start(executor, create()) for _ in range(3)]) == ["run.completed"] * 3


async def test_the_poison_of_one_person_puts_no_server_to_rest(both: Floor) -> None:
    async with FaultyComfy() as one, FaultyComfy() as other:
        one.raises = other.raises = OF_A_NODE
        async with both.open(one.url, other.url, pace=RESTS) as executor:
            await eventually(lambda: all(each.up for each in executor.pool.instances()))
            runs = [await both.start(executor, create()) for _ in range(5)]
            assert await _ends(both, runs) == ["run.failed"] * len(runs)
            assert [await _failing(executor, server) for server in (one, other)] == [None, None]
            for run_id in runs:
                [job] = await executor.runs.jobs(run_id)
                assert (job.error_code, job.attempts, len({each.instance for each in job.setbacks})) == ("node_failed", 2, 2)


async def test_a_prompt_that_was_taken_though_nobody_said_so_is_not_sent_again(floor: Floor, comfy: FaultyComfy) -> None:
    """The answer was lost on its way: the server lists the job."""
    comfy.taken_as = 502
    async with floor.open(comfy.url) as executor:
        assert await _ends(floor, [await floor.start(executor, create())]) == ["run.completed"]
    assert len(comfy.prompts) == 1
