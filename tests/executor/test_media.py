"""Videos, sounds, models, masks and texts: known by what they hold, cleaned, carried to and from instances."""

from __future__ import annotations

import io
import resource
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from base.errors import Problem
from base.ids import new_id
from base.settings import Limits
from executor.assets.service import AssetService
from executor.assets.sniff import HEAD, fits, sniff
from executor.errors import MediaTooComplex, NoThumbnail, TooLarge, UnreadableMedia
from executor.model import Asset
from executor.testing import FaultyComfy, Saved, picture
from tests import media
from tests.executor.conftest import OWNER, Floor
from tools.model import AssetRef, MediaKind, Step


async def chunks(data: bytes, size: int = 1 << 16) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def upload(assets: AssetService, data: bytes, name: str = "x.png") -> Asset:
    return await assets.upload(chunks(data), owner=OWNER, name=name, asset_id=new_id())


@pytest.fixture
async def opener(floor: Floor) -> AsyncIterator[Any]:
    """`await opener(**limits)` gives an AssetService."""
    async with AsyncExitStack() as stack:

        async def make(max_upload_gb: float = 2.0, **limits: Any) -> AssetService:
            opened = floor.open(work=False, limits=Limits(**limits), max_upload_gb=max_upload_gb)
            return (await stack.enter_async_context(opened)).assets

        yield make


def files(floor: Floor) -> list[Path]:
    return [path for path in (floor.data / "assets").rglob("*") if path.is_file()]


STREAMS = [
    ("mp4", "libx264", "aac", "video/mp4", "h264", "aac"),
    ("mov", "libx264", "aac", "video/quicktime", "h264", "aac"),
    ("webm", "libvpx-vp9", "libopus", "video/webm", "vp9", "opus"),
    ("matroska", "libx264", "aac", "video/x-matroska", "h264", "aac"),
    ("avi", "mpeg4", "libmp3lame", "video/x-msvideo", "mpeg4", "mp3"),
    ("mp4", "libx264", None, "video/mp4", "h264", None),
    ("ipod", None, "aac", "audio/mp4", None, "aac"),
    ("wav", None, "pcm_s16le", "audio/wav", None, "pcm_s16le"),
    ("flac", None, "flac", "audio/flac", None, "flac"),
    ("mp3", None, "libmp3lame", "audio/mpeg", None, "mp3"),
    ("adts", None, "aac", "audio/aac", None, "aac"),
    ("ogg", None, "libopus", "audio/ogg", None, "opus"),
]


@pytest.mark.parametrize(("container", "video", "audio", "media_type", "codec", "audio_codec"), STREAMS)
async def test_a_stream_is_known_by_its_bytes_and_says_nothing_of_its_maker(
    opener: Any, container: str, video: str | None, audio: str | None, media_type: str, codec: str, audio_codec: str
) -> None:
    assets = await opener()
    asset = await upload(assets, media.clip(container, video, audio), "innocent.png")
    assert (asset.kind, asset.media_type) == (MediaKind.VIDEO if video else MediaKind.AUDIO, media_type)
    assert (asset.width, asset.height) == ((64, 48) if video else (None, None))
    assert asset.duration_s == pytest.approx(2.0, abs=0.1)
    assert (asset.facts.get("codec"), asset.facts.get("audio_codec")) == (codec, audio_codec)
    stored = assets.path(asset).read_bytes()
    assert media.SECRET not in stored
    assert len(stored) == asset.bytes
    again = await upload(assets, stored)
    assert again.media_type == media_type
    assert again.duration_s == pytest.approx(asset.duration_s, abs=0.05)


async def test_a_copy_has_the_very_same_packets(opener: Any) -> None:
    import av
    assets = await opener()
    data = media.clip()
    asset = await upload(assets, data)

    def packets(source: Any) -> list[bytes]:
        with av.open(source) as reader:
            return sorted(bytes(packet) for packet in reader.demux() if packet.size)

    assert packets(io.BytesIO(data)) == packets(str(assets.path(asset)))


async def test_a_video_held_upright_stays_upright(opener: Any) -> None:
    assets = await opener()
    asset = await upload(assets, media.turned(media.clip()))
    assert (asset.width, asset.height) == (48, 64)
    with Image.open(io.BytesIO(await assets.thumbnail(asset))) as poster:
        assert poster.size == (48, 64)
    again = await upload(assets, assets.path(asset).read_bytes())
    assert (again.width, again.height) == (48, 64)


async def test_a_sound_has_its_shape_as_a_picture(opener: Any) -> None:
    assets = await opener()
    asset = await upload(assets, media.clip("wav", None, "pcm_s16le"))
    with Image.open(io.BytesIO(await assets.thumbnail(asset))) as shape:
        alpha = shape.getchannel("A")
        assert shape.width > shape.height > 0
        assert alpha.getextrema() == (0, 255)


async def test_a_large_picture_gets_a_small_one_and_a_small_one_is_its_own(opener: Any) -> None:
    assets = await opener()
    large, small = await upload(assets, picture((900, 450))), await upload(assets, picture((90, 45)))
    with Image.open(io.BytesIO(await assets.thumbnail(large))) as thumbnail:
        assert thumbnail.size == (640, 320)
    assert await assets.thumbnail(large) == await assets.thumbnail(large)
    assert await assets.thumbnail(small) == assets.path(small).read_bytes()


async def test_what_is_deleted_leaves_no_poster(opener: Any, floor: Floor) -> None:
    assets = await opener()
    asset = await upload(assets, media.clip())
    assert len(files(floor)) == 2
    await assets.delete(asset.id, OWNER.account_id)
    assert files(floor) == []


@pytest.mark.parametrize(
    ("data", "media_type", "facts"),
    [
        (media.glb(), "model/gltf-binary", {"meshes": 1, "vertices": 3, "animations": 0}),
        (media.stl(), "model/stl", {"faces": 2}),
        (media.OBJ, "model/obj", {"vertices": 3, "faces": 1}),
        (media.PLY, "model/ply", {"vertices": 1}),
    ],
    ids=["glb", "stl", "obj", "ply"],
)
async def test_a_model_keeps_its_shape_and_loses_its_words(opener: Any, data: bytes, media_type: str, facts: Any) -> None:
    assets = await opener()
    asset = await upload(assets, data, "x.mp4")
    assert (asset.kind, asset.media_type, asset.facts) == (MediaKind.MODEL3D, media_type, facts)
    stored = assets.path(asset).read_bytes()
    assert media.SECRET not in stored
    again = await upload(assets, stored)
    assert (again.media_type, again.sha256, again.facts) == (media_type, asset.sha256, facts)
    with pytest.raises(NoThumbnail):
        await assets.thumbnail(asset)


async def test_a_text_stays_as_it_is(opener: Any) -> None:
    assets = await opener()
    asset = await upload(assets, "﻿Ein Leuchtturm.\nNoch einer – „hier“.\n".encode(), "notes.exe")
    assert (asset.kind, asset.media_type, asset.facts) == (MediaKind.TEXT, "text/plain", {"characters": 37})
    assert assets.path(asset).read_text(encoding="utf-8").startswith("Ein Leuchtturm.")


def _cut(data: bytes, part: float) -> bytes:
    return data[: int(len(data) * part)]


HOSTILE = {
    "nothing": lambda: b"",
    "noise": lambda: bytes(range(256)) * 40,
    "a program": lambda: b"\x7fELF" + bytes(4000),
    "half an mp4, its index at the end": lambda: _cut(media.clip(), 0.5),
    "half a webm": lambda: _cut(media.clip("webm", "libvpx-vp9", "libopus"), 0.5),
    "an mp4 of boxes only": lambda: b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + b"\0\0\0\x08free",
    "a wav without sound": lambda: b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0",
    "an ogg of nothing": lambda: b"OggS" + bytes(100),
    "half a glb": lambda: _cut(media.glb(), 0.6),
    "a glb that is not json": lambda: media.glb().replace(b'{"asset"', b'["asset"'),
    "a glb that reads other files": lambda: media.glb(images=[{"uri": "file:///etc/passwd"}]),
    "a glb whose counts are words": lambda: media.glb(accessors=[{"count": "many"}]),
    "a text with a bell": lambda: b"ring \x07 ring",
    "a text that becomes bytes": lambda: b"words " * 1000 + b"\xff\xfe\xfd",
    "a playlist of other people's files": lambda: b"\0\0\0\x18ftyp" + b"#EXTM3U\n#EXTINF:1\nfile:///etc/passwd\n",
}


async def test_an_empty_file_is_told_so_and_not_which_formats_there_are(opener: Any) -> None:
    with pytest.raises(UnreadableMedia) as refused:
        await upload(await opener(), b"", "innocent.png")
    assert refused.value.detail == "This file is empty: it has no bytes."
    assert "MP4" not in refused.value.next_step


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
async def test_what_cannot_be_read_is_refused_and_leaves_nothing(opener: Any, floor: Floor, data: Any) -> None:
    assets = await opener()
    with pytest.raises(UnreadableMedia):
        await upload(assets, data(), "innocent.mp4")
    assert files(floor) == []


async def test_two_files_in_one_leave_only_the_first(opener: Any) -> None:
    assets = await opener()
    asset = await upload(assets, media.clip("wav", None, "pcm_s16le") + b"<html>SECRET</html>" * 50)
    assert media.SECRET not in assets.path(asset).read_bytes()


async def test_a_playlist_is_only_a_text(opener: Any) -> None:
    assets = await opener()
    asset = await upload(assets, b"#EXTM3U\n#EXTINF:1\nfile:///etc/passwd\n", "x.m3u8")
    assert asset.kind is MediaKind.TEXT


async def test_a_frame_with_too_many_pixels_is_refused(opener: Any, floor: Floor) -> None:
    assets = await opener(upload_pixels=64 * 48 - 1)
    with pytest.raises(TooLarge):
        await upload(assets, media.clip())
    assert files(floor) == []


async def test_taking_apart_has_a_limit_of_memory(opener: Any, floor: Floor) -> None:
    data = media.glb(extra=["x" * 30_000_000])
    assets = await opener(decode_bytes=60_000_000)
    with pytest.raises((MediaTooComplex, UnreadableMedia)):
        await upload(assets, data)
    assert files(floor) == []


async def test_each_kind_has_its_own_limit(opener: Any) -> None:
    assets = await opener(max_upload_gb=200_000 / 2**30, upload_bytes=1_000, text_bytes=100)
    assert (await upload(assets, media.clip())).kind is MediaKind.VIDEO
    for data in (b"word " * 21, picture((64, 64)), media.clip("wav", None, "pcm_s16le", 3.0)):
        with pytest.raises(TooLarge) as refused:
            await upload(assets, data)
        assert refused.value.facts["limit_bytes"] < len(data)


async def test_a_long_video_flows_through_in_constant_memory(opener: Any, floor: Floor) -> None:
    """300 MB of sound in pieces: what is held in memory does not grow with it."""
    assets = await opener()
    head = media.clip("wav", None, "pcm_s16le", 1.0)
    start = head.index(b"data") + 8
    total = 300 << 20
    sizes = (start - 8 + total).to_bytes(4, "little"), total.to_bytes(4, "little")
    head = head[:4] + sizes[0] + head[8 : start - 4] + sizes[1]

    async def long() -> AsyncIterator[bytes]:
        yield head
        block = bytes(range(256)) * 4096
        for _ in range(total // len(block)):
            yield block

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    asset = await assets.upload(long(), owner=OWNER, name=None, asset_id=new_id())
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert asset.bytes > total * 0.99
    assert grown < 50 * 1024  # kilobytes


def test_random_beginnings_never_raise() -> None:
    import random

    noise = random.Random(7)
    for _ in range(2_000):
        data = noise.randbytes(noise.randrange(0, 200))
        sniff(data, len(data))
    for data in (media.glb(), media.OBJ, media.PLY, media.stl(), picture()):
        assert all(sniff(data[:end], end) is None or end for end in range(0, min(len(data), HEAD), 7))


@pytest.mark.parametrize(
    ("kind", "media_type", "expected"),
    [
        (MediaKind.MASK, "image/png", True), (MediaKind.MASK, "video/mp4", False), (MediaKind.VIDEO, "image/webp", True),
        (MediaKind.VIDEO, "image/png", False), (MediaKind.IMAGE, "image/webp", True), (MediaKind.AUDIO, "video/mp4", False),
        (MediaKind.MODEL3D, "model/stl", True),
    ],
)  # fmt: skip
def test_what_may_come_out_of_a_port(kind: MediaKind, media_type: str, expected: bool) -> None:
    assert fits(kind, media_type) is expected


# --- from instances

OUTPUTS = {
    "SaveVideo": ("video", Saved("images", (("mp4", b"mp4", "video/mp4"),)), "video/mp4"),
    "VHS_VideoCombine": ("video", Saved("gifs", (("png", b"png", "image/png"), ("mp4", b"mp4", "video/h264-mp4"))), "video/mp4"),
    "SaveAnimatedWEBP": ("video", Saved("images", (("webp", b"webp", "image/webp"),)), "image/webp"),
    "SaveAudio": ("audio", Saved("audio", (("flac", b"flac", "application/octet-stream"),)), "audio/flac"),
    "SaveGLB": ("model3d", Saved("3d", (("glb", b"glb", "model/gltf-binary"),)), "model/gltf-binary"),
    "Preview3D": ("model3d", Saved("result", (("glb", b"glb", "x/y"),), viewed=" [output]"), "model/gltf-binary"),
    "SaveGaussianSplat": ("model3d", Saved("3d", (("spz", b"\x1f\x8b\x08" + bytes(60), "x/y"),)), "model/spz"),
    "PreviewAny": ("text", Saved(texts=("a lighthouse in the fog",)), "text/plain"),
    "SaveText": ("text", Saved("files", (("txt", b"a lighthouse", "text/plain"),)), "text/plain"),
    "SaveSVGNode": ("text", Saved("images", (("svg", b"<svg xmlns='http://www.w3.org/'/>", "image/svg+xml"),)), "text/plain"),
    "MaskPreview": ("mask", Saved("images", (("png", b"png", "image/png"),)), "image/png"),
}


def _real(saved: Saved) -> Saved:
    """With the bytes that the short names stand for."""
    bytes_of: dict[bytes, Any] = {
        b"mp4": lambda: media.clip(), b"flac": lambda: media.clip("flac", None, "flac"), b"glb": media.glb,
        b"png": lambda: picture(text="SECRET"), b"webp": lambda: picture(format="WEBP"),
    }  # fmt: skip
    files = tuple((ending, bytes_of[data]() if data in bytes_of else data, kind) for ending, data, kind in saved.files)
    return Saved(saved.key, files, saved.texts, saved.viewed)


def step(tool: Any, kind: str, **inputs: Any) -> Step:
    return Step(
        id="s1", tool=tool.name, title="Make", params={"prompt": "words"}, outputs={kind: MediaKind(kind)},
        inputs={port: (AssetRef(asset_id=asset.id),) for port, asset in inputs.items()},
    )  # fmt: skip


@pytest.mark.parametrize("node", OUTPUTS)
async def test_every_kind_of_output_becomes_an_asset(floor: Floor, comfy: FaultyComfy, node: str) -> None:
    kind, saved, media_type = OUTPUTS[node]
    tool = media.tool("make_it", node, kind)
    comfy.nodes, comfy.saves = (*comfy.nodes, node), {node: _real(saved)}
    async with floor.open(comfy.url, tools=[tool]) as executor:
        run_id = await floor.start(executor, step(tool, kind))
        events = await floor.until(run_id)
        (asset,) = await executor.runs.assets(run_id)
        stored = executor.assets.path(asset).read_bytes()
    assert [event.type for event in events][-2:] == ["run.output", "run.completed"]
    assert (asset.kind, asset.media_type, asset.origin) == (MediaKind(kind), media_type, "output")
    assert media.SECRET not in stored
    assert (asset.duration_s is not None) is (media_type.partition("/")[0] in ("video", "audio"))


async def test_an_output_of_another_kind_is_no_output(floor: Floor, comfy: FaultyComfy) -> None:
    tool = media.tool("make_it", "SaveVideo", "video")
    comfy.nodes, comfy.saves = (*comfy.nodes, "SaveVideo"), {"SaveVideo": Saved("images", (("mp4", picture(), "video/mp4"),))}
    async with floor.open(comfy.url, tools=[tool]) as executor:
        events = await floor.until(await floor.start(executor, step(tool, "video")))
    assert (events[-1].type, events[-1].data["code"]) == ("run.failed", "host_failed")
    assert "no video" in events[-1].data["message"]


# --- to instances


@pytest.mark.parametrize(
    ("kind", "data", "name"),
    [
        ("video", lambda: media.clip(), "stationthis-{hash}.mp4"),
        ("audio", lambda: media.clip("mp3", None, "libmp3lame"), "stationthis-{hash}.mp3"),
        ("model3d", media.glb, "3d/stationthis-{hash}.glb"),
    ],
)
async def test_inputs_of_every_kind_reach_the_loader(
    floor: Floor, comfy: FaultyComfy, kind: str, data: Any, name: str
) -> None:
    tool = media.tool("use_it", "SaveImage", "image", {kind: kind}, "LoadIt")
    comfy.nodes = (*comfy.nodes, "LoadIt")
    async with floor.open(comfy.url, tools=[tool]) as executor:
        asset = await upload(executor.assets, data())
        events = await floor.until(await floor.start(executor, step(tool, "image", **{kind: asset})))
    expected = name.format(hash=asset.sha256[:40])
    assert events[-1].type == "run.completed"
    assert comfy.received == {expected: asset.bytes}
    assert comfy.prompts[0]["prompt"]["0"]["inputs"]["file"] == expected


async def test_a_text_enters_as_words_not_as_a_file(floor: Floor, comfy: FaultyComfy) -> None:
    tool = media.tool("use_it", "SaveImage", "image", {"text": "text"}, "LoadIt")
    comfy.nodes = (*comfy.nodes, "LoadIt")
    async with floor.open(comfy.url, tools=[tool]) as executor:
        asset = await upload(executor.assets, b"a lighthouse, $prompt and all")
        await floor.until(await floor.start(executor, step(tool, "image", text=asset)))
    assert comfy.uploads == []
    assert comfy.prompts[0]["prompt"]["0"]["inputs"]["file"] == "a lighthouse, $prompt and all"


@pytest.mark.parametrize("says", [20_000, None])
async def test_an_input_that_the_instance_will_not_take_is_refused_with_the_reason(
    floor: Floor, comfy: FaultyComfy, says: int | None
) -> None:
    tool = media.tool("use_it", "SaveImage", "image", {"video": "video"}, "LoadIt")
    comfy.nodes, comfy.max_upload_bytes = (*comfy.nodes, "LoadIt"), says
    async with floor.open(comfy.url, tools=[tool]) as executor:
        asset = await upload(executor.assets, media.clip())
        events = await floor.until(await floor.start(executor, step(tool, "image", video=asset)))
    if says is None:  # an old server takes a hundred megabytes
        assert events[-1].type == "run.completed"
        return
    assert events[-1].data["code"] == "input_too_large"
    assert f"127.0.0.1:{comfy.port}" in events[-1].data["message"]
    assert comfy.uploads == []


def test_problems_of_media_say_what_to_do() -> None:
    kinds: tuple[type[Problem], ...] = (UnreadableMedia, MediaTooComplex, TooLarge)
    assert all(kind.action != Problem.action for kind in kinds)
