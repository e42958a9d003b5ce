"""The plain routes: what the server says about itself, and how it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.renderer.client import Comfy, empty
from tests.renderer.conftest import REAL, Start


@pytest.mark.parametrize("path", ["/system_stats", "/api/system_stats"])
async def test_the_server_describes_itself_under_both_prefixes(comfy: Comfy, path: str) -> None:
    stats = await comfy.get(path)
    assert {"os", "ram_total", "ram_free", "comfyui_version", "python_version", "argv"} <= set(
        stats["system"]
    )
    device = stats["devices"][0]
    assert {"name", "type", "index", "vram_total", "vram_free"} <= set(device)
    assert REAL or (device["type"] == "cpu" and stats["system"]["stationthis_renderer"])


async def test_features_queue_and_count_of_an_idle_server(comfy: Comfy) -> None:
    assert (await comfy.get("/features"))["supports_preview_metadata"] is True
    assert await comfy.get("/queue") == {"queue_running": [], "queue_pending": []}
    assert await comfy.get("/prompt") == {"exec_info": {"queue_remaining": 0}}


async def test_models_are_listed_by_kind(comfy: Comfy) -> None:
    assert {"checkpoints", "loras", "upscale_models"} <= set(await comfy.get("/models"))
    assert await comfy.get("/models/checkpoints")
    assert isinstance(await comfy.get("/embeddings"), list)
    async with comfy.http.get("/models/nonsense") as answer:
        assert answer.status == 404


async def test_object_info_has_one_entry_per_class(comfy: Comfy) -> None:
    everything = await comfy.get("/object_info")
    one = await comfy.get("/object_info/ImageScale")
    assert one == {"ImageScale": everything["ImageScale"]}
    assert one["ImageScale"]["input_order"]["required"] == [
        "image",
        "upscale_method",
        "width",
        "height",
        "crop",
    ]
    assert await comfy.get("/object_info/NoSuchNode") == {}


async def test_nodes_agree_with_the_facts_of_comfyui(start: Start) -> None:
    """Same inputs, options, types and outputs; choices may be fewer, files are our own."""
    facts = json.loads(Path(__file__).with_name("object_info.json").read_text())
    async with start(loras=("a.safetensors",), upscalers=("b_2x.safetensors",)) as comfy:
        ours = {name: entry for name, entry in (await comfy.get("/object_info")).items() if name in facts}
    assert set(ours) == set(facts)
    for name, entry in ours.items():
        for key in ("output", "output_is_list", "output_name", "category", "output_node", "input_order"):
            assert entry[key] == facts[name][key], (name, key)
        assert _comparable(entry) == _comparable(facts[name]), name


def _comparable(entry: dict[str, Any]) -> dict[str, Any]:
    """Inputs without the lists of choices, which are files or a subset."""
    plain: dict[str, Any] = {}
    for name, (kind, *options) in entry["input"]["required"].items():
        shown = {key: value for key, value in (options[0] if options else {}).items() if key != "options"}
        plain[name] = ["choice" if isinstance(kind, list) else kind, shown]
    return plain


async def test_lora_and_upscaler_nodes_need_their_files(start: Start) -> None:
    async with start() as comfy:
        nodes = await comfy.get("/object_info")
    assert not {"LoraLoader", "UpscaleModelLoader", "ImageUpscaleWithModel"} & set(nodes)
    assert "StationThisColorAdjust" in nodes


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("same", 200),
        ("http://127.0.0.1:9", 403),
        ("http://localhost:8188", 403),
        ("http://evil.example", 403),
        ("null", 200),
        (None, 200),
    ],
)
async def test_pages_of_other_sites_are_kept_out(comfy: Comfy, origin: str | None, status: int) -> None:
    own = str(comfy.http._base_url).rstrip("/")
    headers = {} if origin is None else {"Origin": own if origin == "same" else origin}
    async with comfy.http.get("/queue", headers=headers) as answer:
        assert answer.status == status
    async with comfy.http.get("/queue", headers={"Host": "elsewhere.example"}) as answer:
        assert answer.status == 200


async def test_unknown_paths_and_wrong_methods(comfy: Comfy) -> None:
    async with comfy.http.get("/no/such/path") as answer:
        assert answer.status == 404
    async with comfy.http.put("/queue") as answer:
        assert answer.status == 405
    async with comfy.http.options("/queue") as answer:
        assert answer.status == 200
    async with comfy.http.get("/ws") as answer:
        assert answer.status == 400


@pytest.mark.parametrize("path", ["/prompt", "/queue", "/history", "/free"])
async def test_a_body_that_is_no_json_is_a_bare_500(comfy: Comfy, path: str) -> None:
    async with comfy.http.post(path, data=b"") as answer:
        assert answer.status == 500
        assert "Server got itself in trouble" in await answer.text()


@pytest.mark.parametrize("path", ["/queue", "/interrupt", "/free", "/history"])
async def test_orders_are_answered_with_an_empty_body(comfy: Comfy, path: str) -> None:
    async with comfy.http.post(path, json={}) as answer:
        assert answer.status == 200
        assert await answer.read() == b""


async def test_json_is_read_whatever_its_content_type(comfy: Comfy) -> None:
    body = json.dumps({"prompt": empty()})
    async with comfy.http.post("/prompt", data=body, headers={"Content-Type": "text/plain"}) as answer:
        assert answer.status == 200
        await comfy.ended((await answer.json())["prompt_id"])


async def test_a_body_over_the_limit_is_refused(start: Start) -> None:
    async with start(max_upload_bytes=2000) as comfy:
        for path in ("/prompt", "/upload/image"):
            async with comfy.http.post(path, data=b"x" * 3000) as answer:
                assert answer.status == (413 if path == "/prompt" else 400)
        status, _ = await comfy.upload(b"x" * 3000)
        assert status == 413
