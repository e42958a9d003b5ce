"""Fetching and uploading files, and what is kept out."""

from __future__ import annotations

import io
import json
from typing import Any

import aiohttp
import numpy as np
import PIL.Image
import pytest

from tests.renderer.client import Comfy, empty, node, noise, png, unique


async def saved(comfy: Comfy) -> dict[str, str]:
    graph = empty(color=0x336699)
    graph["out"]["inputs"]["filename_prefix"] = f"{unique()}/x"
    return dict((await comfy.run(graph))["outputs"]["out"]["images"][0])


async def test_a_file_comes_with_its_type_name_and_validators(comfy: Comfy) -> None:
    item = await saved(comfy)
    async with comfy.http.get("/view", params=item) as answer:
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.headers["Content-Disposition"] == f'filename="{item["filename"]}"'
        assert answer.headers["ETag"]
        whole = await answer.read()
    async with comfy.http.get("/api/view", params=item, headers={"Range": "bytes=0-3"}) as answer:
        assert answer.status == 206
        assert await answer.read() == whole[:4]
    async with comfy.http.head("/view", params=item) as answer:
        assert (answer.status, int(answer.headers["Content-Length"])) == (200, len(whole))


async def test_the_folder_may_be_told_in_the_name(comfy: Comfy) -> None:
    _, stored = await comfy.upload(png(noise()))
    named = {"filename": f"{stored['name']} [input]"}
    assert await comfy.file(named) == png(noise())


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 404),
        ({"filename": ""}, 400),
        ({"filename": "/etc/passwd"}, 400),
        ({"filename": "../x.png"}, 400),
        ({"filename": "x.png", "type": "elsewhere"}, 400),
        ({"filename": "x.png", "subfolder": "../input"}, 403),
        ({"filename": "x.png", "subfolder": "/etc"}, 403),
        ({"filename": "nothing.png"}, 404),
        ({"filename": "x.png", "rand": "0.1"}, 404),
    ],
)
async def test_names_that_lead_elsewhere_are_refused(
    comfy: Comfy, query: dict[str, str], status: int
) -> None:
    async with comfy.http.get("/view", params=query) as answer:
        assert answer.status == status


async def test_a_subfolder_may_come_back_inside_but_a_name_has_no_folders(comfy: Comfy) -> None:
    item = await saved(comfy)
    inside = {**item, "subfolder": f"../output/{item['subfolder']}"}
    assert (await comfy.file(inside)).startswith(b"\x89PNG")
    async with comfy.http.get(
        "/view", params={"filename": f"{item['subfolder']}/{item['filename']}"}
    ) as answer:
        assert answer.status == 404


async def test_a_page_is_never_served_as_one(comfy: Comfy) -> None:
    _, stored = await comfy.upload(b"<script>", f"{unique()}.html")
    async with comfy.http.get("/view", params={"filename": stored["name"], "type": "input"}) as answer:
        assert answer.headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("wanted", "form"),
    [({"preview": "webp;50"}, "WEBP"), ({"preview": "jpeg;80"}, "JPEG"), ({"preview": "gif"}, "WEBP")],
)
async def test_previews_are_encoded_anew(comfy: Comfy, wanted: dict[str, str], form: str) -> None:
    assert PIL.Image.open(io.BytesIO(await comfy.file({**await saved(comfy), **wanted}))).format == form


async def test_channels(comfy: Comfy) -> None:
    source = noise(channels=4)
    _, stored = await comfy.upload(png(source))
    item = {"filename": stored["name"], "type": "input"}
    plain = PIL.Image.open(io.BytesIO(await comfy.file({**item, "channel": "rgb"})))
    alpha = PIL.Image.open(io.BytesIO(await comfy.file({**item, "channel": "a"})))
    assert plain.mode == "RGB"
    assert np.array_equal(np.asarray(alpha)[..., 3], source[..., 3])


async def test_an_upload_never_replaces_another_file_unasked(comfy: Comfy) -> None:
    name = f"{unique()}.png"
    first, second = png(noise(seed=1)), png(noise(seed=2))
    assert (await comfy.upload(first, name))[1] == {"name": name, "subfolder": "", "type": "input"}
    assert (await comfy.upload(first, name))[1]["name"] == name
    renamed = (await comfy.upload(second, name))[1]["name"]
    assert renamed == name.replace(".png", " (1).png")
    assert (await comfy.upload(second, name, overwrite="yes"))[1]["name"] == renamed
    assert (await comfy.upload(second, name, overwrite="true"))[1]["name"] == name
    assert await comfy.file({"filename": name, "type": "input"}) == second


async def test_an_upload_may_name_a_subfolder_and_be_loaded_from_it(comfy: Comfy) -> None:
    folder = unique()
    _, stored = await comfy.upload(png(noise()), "x.png", subfolder=folder, type="temp")
    assert stored == {"name": "x.png", "subfolder": folder, "type": "temp"}
    graph = empty()
    graph["in"] = node("LoadImage", image=f"{folder}/x.png [temp]")
    assert (await comfy.picture(await comfy.run(graph))).shape == (40, 56, 3)


@pytest.mark.parametrize(
    ("name", "fields", "status"),
    [
        ("../x.png", {}, 400),
        ("x.png", {"subfolder": "/tmp"}, 400),
        ("x.png", {"subfolder": "../../x"}, 400),
        ("x.png", {"type": "elsewhere"}, 500),
        ("nofolder/x.png", {}, 500),
    ],
)
async def test_uploads_that_lead_elsewhere_are_refused(
    comfy: Comfy, name: str, fields: dict[str, str], status: int
) -> None:
    assert (await comfy.upload(b"x", name, **fields))[0] == status


async def test_uploads_without_a_file(comfy: Comfy) -> None:
    async with comfy.http.post("/upload/image", data=b"") as answer:
        assert answer.status == 400
    form = aiohttp.FormData({"overwrite": "1"}, default_to_multipart=True)
    async with comfy.http.post("/upload/image", data=form) as answer:
        assert answer.status == 400
    form = aiohttp.FormData({"image": "text"}, default_to_multipart=True)
    async with comfy.http.post("/upload/image", data=form) as answer:
        assert answer.status == 500


async def test_a_percent_encoded_name_is_just_a_name(comfy: Comfy) -> None:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("image", b"x", filename="..%2Fx.png")
    async with comfy.http.post("/upload/image", data=form) as answer:
        assert (await answer.json())["name"].startswith("..%2Fx")


async def test_a_mask_replaces_the_transparency_of_a_picture(comfy: Comfy) -> None:
    picture, mask = noise(seed=1), noise(channels=4, seed=2)
    _, stored = await comfy.upload(png(picture))
    form = aiohttp.FormData()
    form.add_field("image", png(mask), filename=f"{unique()}.png")
    form.add_field("original_ref", json.dumps({"filename": stored["name"], "type": "input", "subfolder": ""}))
    async with comfy.http.post("/upload/mask", data=form) as answer:
        result: Any = await answer.json()
    merged = np.asarray(
        PIL.Image.open(io.BytesIO(await comfy.file({"filename": result["name"], "type": "input"})))
    )
    assert np.array_equal(merged[..., :3], picture)
    assert np.array_equal(merged[..., 3], mask[..., 3])
