"""Workflows over HTTP: drafted, kept, changed, shared, made public by the operator; and nobody else's."""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

import httpx
import pytest

from tests.web.conftest import Site, problem
from tests.web.fakes import SECRETS

WORKFLOWS = "/api/v1/workflows"
ADMIN = {"Authorization": f"Bearer {SECRETS.admin}"}


def graph(**extra: Any) -> dict[str, Any]:
    """Words become a picture, by a checkpoint that every official template knows."""
    return {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd_xl_base_1.0.safetensors"}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a quiet lighthouse", "clip": ["1", 1]}},
        "3": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["1", 1]}},
        "4": {"class_type": "EmptyLatentImage", "inputs": {"width": 1024, "height": 1024, "batch_size": 1}},
        "5": {
            "class_type": "KSampler",
            "inputs": {"model": ["1", 0], "positive": ["2", 0], "negative": ["3", 0], "latent_image": ["4", 0], "seed": 5,
                       "steps": 25, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0},
        },
        "6": {"class_type": "VAEDecode", "inputs": {"samples": ["5", 0], "vae": ["1", 2]}},
        "7": {"class_type": "SaveImage", "inputs": {"images": ["6", 0], "filename_prefix": "mine"}},
        **extra,
    }  # fmt: skip


async def kept(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await client.post(WORKFLOWS, json={"workflow": graph(), "title": "Harbour lights", **more})
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"{WORKFLOWS}/{answer.json()['id']}"
    found: dict[str, Any] = answer.json()
    return found


async def test_a_draft_shows_what_it_would_be_and_keeps_nothing(site: Site, person: httpx.AsyncClient) -> None:
    answer = await person.post(f"{WORKFLOWS}/draft", json={"workflow": graph()})
    assert answer.status_code == 200, answer.text
    draft = answer.json()
    assert (draft["form"], draft["keepable"], draft["base"], draft["nodes"]) == ("api", True, "sdxl", 7)
    assert {"prompt", "negative", "width", "height", "steps", "cfg", "seed"} <= set(draft["params"])
    assert draft["samples"]["prompt"] == "a quiet lighthouse"
    assert [(file["folder"], bool(file["url"])) for file in draft["models"]] == [("checkpoints", True)]
    assert (await person.get(WORKFLOWS)).json()["items"] == []


async def test_what_speaks_against_it_is_said_and_it_is_not_kept(site: Site, person: httpx.AsyncClient) -> None:
    bad = graph(x={"class_type": "SaveLoRA", "inputs": {}}, y={"class_type": "PythonEval", "inputs": {}})
    draft = (await person.post(f"{WORKFLOWS}/draft", json={"workflow": bad})).json()
    assert (draft["keepable"], [f["class_type"] for f in draft["findings"]]) == (False, ["SaveLoRA", "PythonEval"])
    refused = problem(await person.post(WORKFLOWS, json={"workflow": bad}), 422, "workflow_refused")
    assert refused["findings"] == draft["findings"]
    problem(await person.post(f"{WORKFLOWS}/draft", json={"workflow": {"a": 1}}), 422, "not_a_workflow")
    wrong = {"workflow": graph(), "object_info": {"KSampler": 3}}
    problem(await person.post(f"{WORKFLOWS}/draft", json=wrong), 422, "bad_facts")


async def test_a_workflow_is_kept_with_the_persons_names_and_ranges(site: Site, person: httpx.AsyncClient) -> None:
    changes = {
        "description": "Night scenes by the sea.", "examples": ["paint the harbour"],
        "params": {
            "negative": {"hidden": True}, "seed": {"hidden": True, "default": 42}, "cfg": {"name": "mood", "maximum": 9},
            "steps": {"default": 30, "minimum": 10, "maximum": 40},
        },
        "outputs": {"image": {"name": "scene"}},
    }  # fmt: skip
    workflow = await kept(person, **changes)
    assert (workflow["title"], workflow["version"], workflow["mine"]) == ("Harbour lights", 1, True)
    assert {"negative", "seed", "cfg"}.isdisjoint(workflow["params"])
    assert (workflow["params"]["mood"]["maximum"], workflow["params"]["steps"]["default"]) == (9, 30)
    assert list(workflow["outputs"]) == ["scene"]
    tool = await site.behind.catalogue.fetch(workflow["name"], (await person.get("/api/v1/me")).json()["account_id"])
    nodes = tool.implementations[0].graph
    assert (nodes["3"]["inputs"]["text"], nodes["5"]["inputs"]["seed"], nodes["5"]["inputs"]["cfg"]) == ("blurry", 42, "$mood")
    assert tool.implementations[0].outputs == {"scene": "7"}
    assert (await person.get(f"/api/v1/tools/{workflow['name']}")).json()["title"] == "Harbour lights"
    assert (await person.get(f"{WORKFLOWS}/{workflow['id']}/export")).json() == graph()


async def test_versions_stay_and_hidden_things_come_back(site: Site, person: httpx.AsyncClient) -> None:
    workflow = await kept(person, params={"negative": {"hidden": True}})
    url = f"{WORKFLOWS}/{workflow['id']}"
    changed = await person.patch(url, json={"title": "Pier", "params": {"negative": None}, "note": "say what not"})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["version"], changed.json()["name"]) == (2, workflow["name"])
    assert "negative" in changed.json()["params"]
    other = graph(**{"2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a pier", "clip": ["1", 1]}}})
    assert (await person.patch(url, json={"workflow": other})).json()["title"] == "Pier"
    versions = (await person.get(f"{url}/versions")).json()["items"]
    assert [(v["version"], v["note"], v["source_changed"]) for v in versions] == [
        (3, "", True), (2, "say what not", False), (1, "", False)
    ]  # fmt: skip
    assert "negative" not in (await person.get(url, params={"version": 1})).json()["params"]
    assert (await person.delete(url)).status_code == 204
    problem(await person.get(url), 404, "not_on_shelf")


@pytest.mark.parametrize(
    "changes",
    [
        {"params": {"nothing": {"hidden": True}}}, {"params": {"steps": {"maximum": 1_000_000}}},
        {"params": {"steps": {"default": 25.5}}}, {"params": {"width": {"name": "side"}}},
        {"params": {"cfg": {"name": "seed"}}}, {"params": {"cfg": {"name": "canvas_width"}}},
        {"params": {"prompt": {"minimum": 1}}}, {"params": {"steps": {"minimum": 30, "maximum": 20}}},
        {"outputs": {"film": {"name": "x"}}},
    ],
)  # fmt: skip
async def test_a_change_that_does_not_fit_is_refused(site: Site, person: httpx.AsyncClient, changes: dict[str, Any]) -> None:
    problem(await person.post(WORKFLOWS, json={"workflow": graph(), **changes}), 422, "bad_change")
    assert (await person.get(WORKFLOWS)).json()["items"] == []


async def test_it_is_nobody_elses(site: Site, person: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    workflow = await kept(person)
    url = f"{WORKFLOWS}/{workflow['id']}"
    for attempt in (
        stranger.get(url), stranger.patch(url, json={"title": "Mine"}), stranger.delete(url), stranger.get(f"{url}/versions"),
        stranger.post(f"{url}/share", json={"visibility": "link"}), stranger.post(f"{url}/fork", json={}),
        stranger.get(f"{url}/export"), person.get(f"/api/v1/spells/{workflow['id']}"),
    ):  # fmt: skip
        problem(await attempt, 404, "not_on_shelf")
    problem(await stranger.get(f"/api/v1/tools/{workflow['name']}"), 404, "tool_not_found")
    assert (await stranger.get(WORKFLOWS)).json()["items"] == []


async def test_a_link_shows_it_and_lets_it_be_copied(
    site: Site, person: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    workflow = await kept(person, params={"negative": {"hidden": True}})
    link = (await person.post(f"{WORKFLOWS}/{workflow['id']}/share", json={"visibility": "link"})).json()["link"]
    async with site.client() as nobody:
        seen = (await nobody.get(link)).json()
        assert (seen["title"], seen["mine"], seen["visibility"]) == ("Harbour lights", False, "link")
    copy = (await stranger.post(f"{link}/fork", json={"title": "Mine"})).json()
    assert (copy["title"], copy["mine"], copy["visibility"]) == ("Mine", True, "private")
    assert "negative" not in copy["params"]
    await person.post(f"{WORKFLOWS}/{workflow['id']}/share", json={"visibility": "private"})
    problem(await stranger.get(link), 404, "not_on_shelf")


async def test_it_is_public_when_the_operator_says_so_and_only_as_he_saw_it(
    site: Site, person: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    workflow = await kept(person)
    url, admin = f"{WORKFLOWS}/{workflow['id']}", f"/api/v1/admin/workflows/{workflow['id']}"
    async with site.client(**ADMIN) as operator:
        problem(await operator.patch(admin, json={"version": 1, "visibility": "public"}), 404, "not_on_shelf")
        assert (await person.post(f"{url}/share", json={"visibility": "public"})).json()["visibility"] == "asked"
        problem(await stranger.get(url), 404, "not_on_shelf")
        assert [w["id"] for w in (await operator.get("/api/v1/admin/workflows")).json()["items"]] == [workflow["id"]]
        problem(await operator.patch(admin, json={"version": 2, "visibility": "public"}), 404, "not_on_shelf")
        assert (await operator.patch(admin, json={"version": 1, "visibility": "public"})).status_code == 204
        assert (await stranger.get(url)).json()["mine"] is False
        assert [w["id"] for w in (await stranger.get(WORKFLOWS, params={"public": True})).json()["items"]] == [workflow["id"]]
        changed = (await person.patch(url, json={"title": "Other"})).json()
        assert (changed["version"], changed["visibility"]) == (2, "asked")
        problem(await stranger.get(url), 404, "not_on_shelf")
        assert (await operator.patch(admin, json={"version": 2, "visibility": "public"})).status_code == 204
        assert (await stranger.get(url)).json()["title"] == "Other"
        problem(await stranger.get(url, params={"version": 1}), 404, "not_on_shelf")
    problem(await person.get("/api/v1/admin/workflows"), 401, "admin_only")


def picture(**texts: str) -> bytes:
    """A PNG with text chunks."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    said = b"".join(chunk(b"tEXt", name.encode() + b"\0" + text.encode()) for name, text in texts.items())
    return b"\x89PNG\r\n\x1a\n" + head + said + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("w.json", json.dumps(graph()).encode()), ("w.png", picture(prompt=json.dumps(graph()))),
        ("w.webp", b"RIFF\0\0\0\0WEBPEXIF" + b"prompt:" + json.dumps(graph()).encode() + b"\0\0"),
        ("w.flac", b"fLaC\0\0\0" + b"prompt=" + json.dumps(graph()).encode() + b"\0"),
        ("w.mp4", b"\0\0\0\x18ftypisom" + b"moov\0prompt\0\0data" + json.dumps(graph()).encode() + b"mdat\xff"),
    ],
)  # fmt: skip
async def test_a_file_with_a_workflow_is_drafted(site: Site, person: httpx.AsyncClient, name: str, data: bytes) -> None:
    answer = await person.post(f"{WORKFLOWS}/draft/file", files={"file": (name, data)})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["keepable"], answer.json()["workflow"]) == (True, graph())


async def test_a_file_without_one_is_refused(site: Site, person: httpx.AsyncClient) -> None:
    for data in (picture(), b"{", b"fLaC\0\0", picture(workflow="{}", prompt="[1]"), b"\xff" * 40):
        problem(await person.post(f"{WORKFLOWS}/draft/file", files={"file": ("x", data)}), 422, "not_a_workflow")


async def test_nothing_of_a_workflow_reaches_the_log(
    site: Site, person: httpx.AsyncClient, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    words = "zanzibar quilt"
    nodes = graph(**{"2": {"class_type": "CLIPTextEncode", "inputs": {"text": words, "clip": ["1", 1]}}})
    assert (await person.post(WORKFLOWS, json={"workflow": nodes, "title": words})).status_code == 201
    await person.post(WORKFLOWS, json={"workflow": {**nodes, "x": {"class_type": words, "inputs": {}}}, "title": words})
    await person.post(f"{WORKFLOWS}/draft", json={"workflow": {words: words}})
    said = capsys.readouterr()
    assert words not in said.out + said.err + caplog.text
