"""What a ComfyUI had is known after a restart, while it is away; instances that could be started are part of the pool."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from base.clock import SystemClock
from executor.comfy.capabilities import read_capabilities
from executor.comfy.memory import Memory
from executor.pool import InstancePool
from executor.testing import FaultyComfy
from executor.waiting.measures import Measures
from tests.executor.conftest import Floor, eventually
from tools.index import ToolIndex
from tools.model import Capabilities, KindOfInstance
from tools.service import ToolCatalogue, load_tools
from tools.testing import HashEncoder

SEEN = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
KNOWN = Capabilities(
    frozenset({"KSampler", "SaveImage"}), {"checkpoints": frozenset({"a/b.safetensors"})}, comfyui="0.33.0", vram_gb=23.52
)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    Memory(tmp_path / "instances").write("one", KNOWN, SEEN)
    assert Memory(tmp_path / "instances").read("one") == (KNOWN, SEEN)
    assert Memory(tmp_path / "instances").read("two") is None


@pytest.mark.parametrize("broken", ["", "{", "[]", "{}", '{"nodes": 3, "models": {}}', '{"nodes": [], "models": []}'])
def test_a_broken_file_is_no_memory(tmp_path: Path, broken: str) -> None:
    (tmp_path / "one.json").write_text(broken, encoding="utf-8")
    assert Memory(tmp_path).read("one") is None


def test_a_folder_that_cannot_be_written_loses_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    Memory(tmp_path / "taken").write("one", KNOWN, SEEN)
    assert Memory(tmp_path / "taken").read("one") is None


async def test_after_a_restart_a_server_that_is_away_is_still_known(floor: Floor) -> None:
    async with FaultyComfy() as comfy:
        comfy.version, comfy.vram_gb = "0.33.0", 23.5
        async with floor.open(comfy.url, work=False) as first:
            await eventually(lambda: first.pool.instances()[0].up)
            before = first.pool.capabilities()[0]
    assert (before.comfyui, before.vram_gb, before.last_seen) == ("0.33.0", 23.5, None)
    async with floor.open(comfy.url, work=False) as second:
        await eventually(lambda: not second.pool.capabilities()[0].unknown)
        after = second.pool.capabilities()[0]
        assert after.last_seen is not None
        assert (after.nodes, after.models, after.vram_gb) == (before.nodes, before.models, before.vram_gb)
        assert second.pool.info()["image"]["status"] == "unavailable"


@pytest.mark.parametrize(
    ("stats", "version", "vram_gb"),
    [
        ({"system": {"comfyui_version": "0.33.0"}, "devices": [{"type": "cuda", "vram_total": 25_769_803_776}]}, "0.33.0", 24.0),
        ({"system": {}, "devices": [{"type": "cpu", "vram_total": 68_719_476_736}]}, None, None),
        ({"system": {}, "devices": [{"vram_total": 8 * 2**30}, {"vram_total": 12 * 2**30}]}, None, 12.0),
        ({"system": "?", "devices": ["?", {"vram_total": "many"}]}, None, None),
        ({"devices": None}, None, None),
        (None, None, None),
    ],
)  # fmt: skip
def test_version_and_memory_are_read_where_they_are_told(
    stats: dict[str, object] | None, version: str | None, vram_gb: float | None
) -> None:
    known = read_capabilities({}, sketch=False, samplers=True, stats=stats)
    assert (known.comfyui, known.vram_gb) == (version, vram_gb)


def test_what_could_be_started_comes_last() -> None:
    class Renting:
        def kinds(self) -> list[Capabilities]:
            return [Capabilities(KNOWN.nodes, kind=KindOfInstance("a 24 GB GPU", 10**11))]

    pool = InstancePool({}, ToolCatalogue(load_tools(), ToolIndex(HashEncoder(), None)), Measures(SystemClock()), [Renting()])
    assert [known.kind is not None for known in pool.capabilities()] == [True]
