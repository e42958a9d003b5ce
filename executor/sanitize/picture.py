"""A child process that decodes one untrusted picture and writes it anew: `python executor/sanitize/picture.py IN OUT`.

It imports nothing of the house, so that it starts fast and can run isolated, without environment, under limits of
memory and processor time that it puts on itself first. The answer is one JSON line on stdout:
`{"media_type", "width", "height"}` or `{"error": "not_an_image" | "too_large" | "image_too_complex" | "no_room"}`.

Photos that came as JPEG stay JPEG (quality 95, full colour resolution): as PNG they would be ten times as large without
one bit more truth. Everything else becomes PNG. Orientation and colour profile are applied to the pixels; EXIF, XMP,
profiles and texts are left behind.
"""

from __future__ import annotations

import argparse
import errno
import io
import json
import resource
import struct
import sys
import warnings
from pathlib import Path
from typing import Any

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, struct.error)


class Refused(Exception):
    """The code of the answer."""


def main(arguments: list[str] | None = None) -> int:
    """Exit 0 with a description, 1 with an error code; killed by a signal when a limit bites."""
    args = _parser().parse_args(arguments)
    _limit(args.memory, args.seconds)
    try:
        answer = clean(args.source, args.target, args.pixels, args.edge)
    except Refused as error:
        answer = {"error": "no_room" if _full(error.__context__) else str(error)}
    except OSError as error:
        if not _full(error):
            raise
        answer = {"error": "no_room"}
    except MemoryError:
        answer = {"error": "image_too_complex"}
    sys.stdout.write(json.dumps(answer) + "\n")
    return 1 if "error" in answer else 0


def _full(error: BaseException | None) -> bool:
    """Whether it is only that the disk has no room."""
    return getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)


def clean(source: Path, target: Path, pixels: int, edge: int | None = None) -> dict[str, Any]:
    """Decode `source`, write the clean picture to `target`, with `edge` no larger than that. Raises Refused."""
    from PIL import Image, ImageFile

    Image.MAX_IMAGE_PIXELS = None  # the header is checked below, against our own limit
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    warnings.simplefilter("ignore")
    try:
        with Image.open(source, formats=FORMATS) as image:
            if image.width * image.height > pixels:
                raise Refused("too_large")
            image.seek(0)
            jpeg = image.format in ("JPEG", "MPO")
            upright = _upright(image)
            if edge is not None:
                upright.thumbnail((edge, edge))
            return _write(upright, target, jpeg or (edge is not None and upright.mode == "RGB"))
    except _BROKEN:
        raise Refused("not_an_image") from None


def _upright(image: Any) -> Any:
    from PIL import ImageOps

    image.load()
    return _plain(ImageOps.exif_transpose(image))


def _plain(image: Any) -> Any:
    """8 bits a channel, sRGB, alpha only where there is some."""
    image = _eight_bits(image)
    transparent = image.mode in ("LA", "PA", "La", "RGBa", "RGBA") or "transparency" in image.info
    profile = image.info.get("icc_profile")
    if image.mode not in ("RGB", "RGBA", "L", "CMYK") or transparent:
        image = image.convert("RGBA" if transparent else "RGB")
    if profile:
        image = _to_srgb(image, profile)
    return image if image.mode in ("RGB", "RGBA") else image.convert("RGB")


def _eight_bits(image: Any) -> Any:
    if not image.mode.startswith("I"):
        return image.convert("L") if image.mode == "F" else image
    highest = image.getextrema()[1]
    return image.convert("I").point(lambda value: value / (257 if highest > 255 else 1)).convert("L")


def _to_srgb(image: Any, profile: bytes) -> Any:
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode) or image
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image  # a broken profile says nothing about the pixels


def _write(image: Any, target: Path, jpeg: bool) -> dict[str, Any]:
    image.info = {}
    if jpeg and image.mode == "RGB":
        image.save(target, "JPEG", quality=95, subsampling=0)
        media_type = "image/jpeg"
    else:
        image.save(target, "PNG", compress_level=3)
        media_type = "image/png"
    return {"media_type": media_type, "width": image.width, "height": image.height}


def _limit(memory: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="picture")
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--pixels", type=int, default=100_000_000)
    parser.add_argument("--edge", type=int, help="pixels of the longer side, for a small copy")
    parser.add_argument("--memory", type=int, default=2 * 1024**3, help="bytes of address space")
    parser.add_argument("--seconds", type=int, default=30, help="seconds of processor time")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
