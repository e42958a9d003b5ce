"""Media: what comes in is counted, decoded in a child, cleaned, and stored once per owner."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms

from base.ids import new_id
from base.settings import Limits
from executor.assets.strip import Broken, strip
from executor.errors import AssetNotFound, ImageTooComplex, NotAnImage, TooLarge
from executor.model import Asset, Owner
from executor.sanitize import picture as sanitize
from executor.service import AssetService
from executor.testing import picture
from tests.executor.conftest import OWNER, Floor
from tools.model import MediaKind


async def chunks(data: bytes, size: int = 1 << 16) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def upload(assets: AssetService, data: bytes, name: str | None = "x.png", owner: Owner = OWNER) -> Asset:
    return await assets.upload(chunks(data), owner=owner, name=name, asset_id=new_id())


@pytest.fixture
async def opener(floor: Floor) -> AsyncIterator[Any]:
    """`await opener(**limits)` gives an AssetService."""
    async with AsyncExitStack() as stack:

        async def make(**limits: Any) -> AssetService:
            executor = await stack.enter_async_context(floor.open(work=False, limits=Limits(**limits)))
            return executor.assets

        yield make


def files(floor: Floor) -> list[Path]:
    return [path for path in (floor.data / "assets").rglob("*") if path.is_file()]


async def test_a_picture_comes_back_as_the_same_pixels(opener: Any) -> None:
    assets = await opener()
    data = picture((40, 30), text="words")
    asset = await upload(assets, data, "holiday.png")
    assert (asset.kind, asset.media_type, asset.origin) == (MediaKind.IMAGE, "image/png", "upload")
    assert (asset.width, asset.height) == (40, 30)
    stored = assets.path(asset).read_bytes()
    assert len(stored) == asset.bytes
    assert Image.open(io.BytesIO(stored)).tobytes() == Image.open(io.BytesIO(data)).tobytes()
    assert b"words" not in stored
    assert await assets.get(asset.id, OWNER.account_id) == asset
    assert asset.name == "holiday.png"


async def test_a_photo_stays_jpeg_upright_and_without_its_secrets(opener: Any) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010F] = "SecretCamera"
    assets = await opener()
    asset = await upload(assets, picture((80, 40), format="JPEG", exif=exif, comment=b"SecretComment", xmp=b"<SecretXmp/>"))
    stored = assets.path(asset).read_bytes()
    assert (asset.media_type, asset.width, asset.height) == ("image/jpeg", 40, 80)
    assert b"Secret" not in stored
    assert not Image.open(io.BytesIO(stored)).getexif()


@pytest.mark.parametrize(
    ("mode", "format", "media_type"),
    [("RGBA", "PNG", "image/png"), ("P", "GIF", "image/png"), ("L", "PNG", "image/png"), ("I;16", "PNG", "image/png"),
     ("RGB", "WEBP", "image/png"), ("RGB", "BMP", "image/png"), ("CMYK", "TIFF", "image/png"), ("CMYK", "JPEG", "image/jpeg"),
     ("1", "PNG", "image/png"), ("LA", "PNG", "image/png"), ("F", "TIFF", "image/png")],
)  # fmt: skip
def test_every_kind_of_picture_is_understood(tmp_path: Path, mode: str, format: str, media_type: str) -> None:
    Image.new(mode, (20, 10)).save(tmp_path / "in", format)
    answer = sanitize.clean(tmp_path / "in", tmp_path / "out", 200)
    assert answer == {"media_type": media_type, "width": 20, "height": 10}
    with Image.open(tmp_path / "out") as image:
        assert image.size == (20, 10)
        assert image.mode in ("RGB", "RGBA")


def test_a_colour_profile_is_applied_before_it_is_dropped(tmp_path: Path) -> None:
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = plain.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")
    for name, profile in (("none", None), ("broken", b"no profile"), ("other", swapped)):
        Image.new("RGB", (4, 4), (10, 100, 200)).save(tmp_path / name, "PNG", icc_profile=profile)
        sanitize.clean(tmp_path / name, tmp_path / f"{name}.out", 100)
    with Image.open(tmp_path / "none.out") as none, Image.open(tmp_path / "broken.out") as broken:
        assert none.tobytes() == broken.tobytes()
    with Image.open(tmp_path / "other.out") as other:
        assert "icc_profile" not in other.info
        assert other.getpixel((0, 0)) != (10, 100, 200)


def test_transparency_stays(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 4), (1, 2, 3, 128)).save(tmp_path / "in", "PNG")
    sanitize.clean(tmp_path / "in", tmp_path / "out", 100)
    with Image.open(tmp_path / "out") as image:
        assert image.getpixel((0, 0)) == (1, 2, 3, 128)


@pytest.mark.parametrize(("pixels", "code"), [(15, "too_large"), (16, None)])
def test_pixels_are_counted_before_decoding(tmp_path: Path, pixels: int, code: str | None) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "in", "PNG")
    if code is None:
        sanitize.clean(tmp_path / "in", tmp_path / "out", pixels)
        return
    with pytest.raises(sanitize.Refused, match=code):
        sanitize.clean(tmp_path / "in", tmp_path / "out", pixels)


async def test_sixteen_bits_keep_their_brightness(opener: Any) -> None:
    out = io.BytesIO()
    Image.new("I;16", (4, 4), 40_000).save(out, "PNG")
    assets = await opener()
    with Image.open(assets.path(await upload(assets, out.getvalue()))) as image:
        assert image.getpixel((0, 0)) == (155, 155, 155)


async def test_of_an_animation_the_first_frame_is_kept(opener: Any) -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (16, 16), color) for color in ("red", "blue", "green")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    assets = await opener()
    with Image.open(assets.path(await upload(assets, out.getvalue()))) as image:
        assert image.convert("RGB").getpixel((0, 0)) == (255, 0, 0)
        assert getattr(image, "n_frames", 1) == 1


async def test_an_upload_at_the_limit_is_taken_and_one_byte_more_is_not(opener: Any, floor: Floor) -> None:
    data = picture((64, 64))
    assets = await opener(upload_bytes=len(data))
    assert (await upload(assets, data)).width == 64
    before = files(floor)
    with pytest.raises(TooLarge) as refused:
        await upload(assets, data + b"\0")
    assert refused.value.facts["limit_bytes"] == len(data)
    assert files(floor) == before


async def test_a_stream_without_end_is_cut_at_the_limit(opener: Any, floor: Floor) -> None:
    most = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal most
        while True:
            yield b"\x89PNG\r\n\x1a\n" + b"x" * 9_992
            most = max(most, sum(path.stat().st_size for path in files(floor)))

    assets = await opener(upload_bytes=100_000)
    with pytest.raises(TooLarge):
        await assets.upload(endless(), owner=OWNER, name=None, asset_id=new_id())
    assert most <= 100_000
    assert files(floor) == []


async def test_a_broken_off_upload_leaves_nothing(opener: Any, floor: Floor) -> None:
    async def cut() -> AsyncIterator[bytes]:
        yield b"\x89PNG"
        raise ConnectionResetError

    assets = await opener()
    with pytest.raises(ConnectionResetError):
        await assets.upload(cut(), owner=OWNER, name=None, asset_id=new_id())
    assert files(floor) == []


def _bomb(width: int, height: int) -> bytes:
    """A PNG whose header promises more than anybody wants to decode."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 10_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n", picture((64, 64))[:-200], picture((64, 64), format="JPEG")[:300],
        b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"GIF89a" + b"\xff" * 50,
    ],
    ids=["header only", "truncated png", "truncated jpeg", "svg", "eps", "garbage gif"],
)  # fmt: skip
async def test_what_is_no_picture_is_refused(opener: Any, floor: Floor, data: bytes) -> None:
    assets = await opener()
    with pytest.raises(NotAnImage):
        await upload(assets, data, "innocent.png")
    assert files(floor) == []


async def test_a_bomb_is_seen_by_its_header(opener: Any, floor: Floor) -> None:
    assets = await opener()
    with pytest.raises(TooLarge):
        await upload(assets, _bomb(60_000, 60_000))
    assert files(floor) == []


async def test_a_picture_that_needs_too_much_memory_is_refused(opener: Any) -> None:
    assets = await opener(decode_bytes=256 * 1024 * 1024, upload_pixels=10**12)
    with pytest.raises(ImageTooComplex):
        await upload(assets, _bomb(30_000, 30_000))


async def test_a_picture_that_takes_too_long_is_given_up(opener: Any) -> None:
    assets = await opener(decode_seconds=0.001)
    with pytest.raises(ImageTooComplex):
        await upload(assets, picture())


@pytest.mark.parametrize(
    ("name", "kept"),
    [("../../etc/passwd", "passwd"), ("..\\..\\windows\\x.png", "x.png"), ("/abs/y.png", "y.png"), ("a\0b\n.png", "ab.png"),
     ("%2e%2e%2fz.png", "%2e%2e%2fz.png"), ("", None), (None, None), ("dir/", None)],
)  # fmt: skip
async def test_a_name_is_only_for_show(opener: Any, floor: Floor, name: str | None, kept: str | None) -> None:
    assets = await opener()
    asset = await upload(assets, picture(), name)
    assert asset.name == kept
    assert files(floor) == [assets.path(asset)]


async def test_equal_bytes_share_storage_but_never_an_id(opener: Any, floor: Floor) -> None:
    assets = await opener()
    first, second = await upload(assets, picture()), await upload(assets, picture())
    assert first.id != second.id
    assert first.sha256 == second.sha256
    assert len(files(floor)) == 1
    await assets.delete(first.id, OWNER.account_id)
    assert len(files(floor)) == 1
    await assets.delete(second.id, OWNER.account_id)
    assert files(floor) == []


async def test_accounts_share_nothing(opener: Any, floor: Floor) -> None:
    other = Owner("account-2", "standard", "conversation-2")
    assets = await opener()
    async with floor.db.write() as tx:
        await floor.keys.create(tx, other.scope, other.account_id, other.tier)
    mine, theirs = await upload(assets, picture()), await upload(assets, picture(), owner=other)
    assert len(files(floor)) == 2
    for refused in (assets.get, assets.delete):
        with pytest.raises(AssetNotFound):
            await refused(mine.id, other.account_id)
        with pytest.raises(AssetNotFound):
            await refused(new_id(), other.account_id)
    assert await assets.many([mine.id, theirs.id], other.account_id) == {theirs.id: theirs}
    assert (await assets.page(other.account_id, kind=None, origin=None, after=None, limit=9))[0] == [theirs]


async def test_assets_are_listed_newest_first_in_pages_and_by_kind(opener: Any) -> None:
    assets = await opener()
    made = [await upload(assets, picture((8 + i, 8))) for i in range(4)]
    page, cursor = await assets.page(OWNER.account_id, kind="image", origin="upload", after=None, limit=3)
    rest, end = await assets.page(OWNER.account_id, kind="image", origin="upload", after=cursor, limit=3)
    assert [a.id for a in [*page, *rest]] == [a.id for a in made[::-1]]
    assert end is None
    assert await assets.page(OWNER.account_id, kind="video", origin=None, after=None, limit=3) == ([], None)
    assert await assets.page(OWNER.account_id, kind=None, origin="output", after=None, limit=3) == ([], None)


async def test_what_a_dead_process_left_unfinished_is_dropped(floor: Floor) -> None:
    left = floor.data / "assets" / "tmp" / "left"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half a picture")
    async with floor.open(work=False):
        assert not left.exists()


@pytest.mark.parametrize("format", ["PNG", "WEBP", "JPEG"])
def test_texts_are_taken_out_without_touching_pixels(format: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "hidden prompt"
    options: dict[str, Any] = {} if format == "PNG" else {"exif": exif}
    data = picture((33, 21), format=format, text="hidden prompt", **options)
    assert b"hidden prompt" in data
    clean = io.BytesIO()
    facts = strip(io.BytesIO(data), clean)
    assert facts is not None
    assert (facts.media_type, facts.width, facts.height) == (f"image/{format.lower()}", 33, 21)
    assert b"hidden prompt" not in clean.getvalue()
    assert Image.open(io.BytesIO(clean.getvalue())).tobytes() == Image.open(io.BytesIO(data)).tobytes()


@pytest.mark.parametrize("format", ["PNG", "WEBP", "JPEG"])
def test_a_file_that_ends_early_is_broken(format: str) -> None:
    data = picture((33, 21), format=format)
    with pytest.raises(Broken):
        strip(io.BytesIO(data[:25]), io.BytesIO())


def test_an_unknown_format_is_left_alone() -> None:
    target = io.BytesIO()
    assert strip(io.BytesIO(b"plain text, no picture"), target) is None
    assert target.getvalue() == b""
