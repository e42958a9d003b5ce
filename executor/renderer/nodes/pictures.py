"""Pictures in and out: load, save, preview, empty, batches."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
from PIL import ImageOps, ImageSequence
from PIL.PngImagePlugin import PngInfo

from ..files import Folders, OutsideFolder, next_slot, sha256
from ..resize import resize
from ..values import Image, Result
from .registry import Node, Scene

SIDE = {"default": 512, "min": 1, "max": 16384, "step": 1}
_HIDDEN = {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"}


def picture_nodes() -> list[Node]:
    return [_load(), _save(), _preview(), _empty(), _batch(), _repeat(), _pick()]


def load_image(scene: Scene, image: str) -> Result:
    """The picture's frames as IMAGE, and a MASK that is 1 where the picture is transparent."""
    path = scene.folders.locate(image)
    try:
        opened = PIL.Image.open(path)
    except PIL.UnidentifiedImageError as error:
        raise PIL.UnidentifiedImageError(f"cannot identify image file '{path.name}'") from error
    with opened:
        frames = _frames(opened)
    return Result((np.stack([_rgb(frame) for frame in frames]), np.stack([_mask(frame) for frame in frames])))


def save_images(scene: Scene, images: Image, filename_prefix: str) -> Result:
    return _write(scene, images, filename_prefix, "output", 4)


def preview_images(scene: Scene, images: Image) -> Result:
    return _write(scene, images, f"ComfyUI_temp_{secrets.token_hex(3)}", "temp", 1)


def empty_image(scene: Scene, width: int, height: int, batch_size: int, color: int) -> Result:
    rgb = np.array([color >> 16 & 255, color >> 8 & 255, color & 255], np.float32) / np.float32(255)
    return Result((np.broadcast_to(rgb, (batch_size, height, width, 3)).copy(),))


def batch_images(scene: Scene, image1: Image, image2: Image) -> Result:
    if image1.shape[1:3] != image2.shape[1:3]:
        image2 = resize(image2, image1.shape[2], image1.shape[1], "bilinear", "center")
    return Result((np.concatenate([image1, image2]),))


def repeat_batch(scene: Scene, image: Image, amount: int) -> Result:
    return Result((np.tile(image, (amount, 1, 1, 1)),))


def pick_from_batch(scene: Scene, image: Image, batch_index: int, length: int) -> Result:
    """So many from there; past the end the last one."""
    first = min(batch_index, len(image) - 1)
    return Result((image[first : first + min(length, len(image) - first)].copy(),))


def _frames(opened: PIL.Image.Image) -> list[PIL.Image.Image]:
    """All frames of the first one's size, upright; of a multi-picture photo only the main one."""
    if opened.format == "MPO":
        return [ImageOps.exif_transpose(opened)]
    frames = [ImageOps.exif_transpose(frame.copy()) for frame in ImageSequence.Iterator(opened)]
    return [frame for frame in frames if frame.size == frames[0].size]


def _rgb(frame: PIL.Image.Image) -> Image:
    if frame.mode in ("I", "I;16"):
        # 16-bit greys come as integers; ComfyUI divides them by 255 and cuts off the rest.
        grey = np.minimum(np.asarray(frame, np.float32) / np.float32(255), 255).astype(np.uint8)
        frame = PIL.Image.fromarray(grey)
    return np.asarray(frame.convert("RGB"), np.float32) / np.float32(255)


def _mask(frame: PIL.Image.Image) -> Image:
    if frame.mode == "P" and "transparency" in frame.info:
        frame = frame.convert("RGBA")
    if "A" not in frame.getbands():
        return np.zeros((64, 64), np.float32)
    return 1 - np.asarray(frame.getchannel("A"), np.float32) / np.float32(255)


def _write(scene: Scene, images: Image, prefix: str, kind: str, level: int) -> Result:
    slot = next_slot(scene.folders.of(kind), prefix, images[0].shape[1], images[0].shape[0])
    info = _chunks(scene)
    shown = []
    for number, frame in enumerate(images):
        name = slot.name(number)
        eight_bit = np.clip(255.0 * frame, 0, 255).astype(np.uint8)
        PIL.Image.fromarray(eight_bit).save(slot.folder / name, "PNG", pnginfo=info, compress_level=level)
        shown.append({"filename": name, "subfolder": slot.subfolder, "type": kind})
        scene.check()
    return Result(ui={"images": shown})


def _chunks(scene: Scene) -> PngInfo:
    info = PngInfo()
    info.add_text("prompt", json.dumps(scene.graph))
    for key, value in scene.pnginfo.items():
        info.add_text(key, json.dumps(value))
    return info


def _input_path(folders: Folders, inputs: dict[str, Any]) -> Path | None:
    try:
        path = folders.locate(str(inputs.get("image")))
    except OutsideFolder:
        return None
    return path if path.is_file() else None


def _exists(folders: Folders, inputs: dict[str, Any]) -> bool | str:
    return True if _input_path(folders, inputs) else f"Invalid image file: {inputs['image']}"


def _digest(folders: Folders, inputs: dict[str, Any]) -> str:
    path = _input_path(folders, inputs)
    if path is None:
        return ""
    with path.open("rb") as source:
        return sha256(source)


def _load() -> Node:
    return Node(
        "LoadImage",
        "Load Image",
        "image",
        {"image": [[], {"image_upload": True}]},
        ("IMAGE", "MASK"),
        load_image,
        checks=("image",),
        check=_exists,
        fingerprint=_digest,
        listing=lambda folders: {"image": folders.inputs()},
    )


def _save() -> Node:
    required = {"images": ["IMAGE", {}], "filename_prefix": ["STRING", {"default": "ComfyUI"}]}
    words = "Saves the input images to your ComfyUI output directory."
    return Node(
        "SaveImage",
        "Save Image",
        "image",
        required,
        (),
        save_images,
        is_output=True,
        hidden=_HIDDEN,
        description=words,
    )


def _preview() -> Node:
    required = {"images": ["IMAGE"]}
    return Node(
        "PreviewImage", "Preview Image", "image", required, (), preview_images, is_output=True, hidden=_HIDDEN
    )


def _empty() -> Node:
    required = {
        "width": ["INT", SIDE],
        "height": ["INT", SIDE],
        "batch_size": ["INT", {"default": 1, "min": 1, "max": 4096}],
        "color": ["INT", {"default": 0, "min": 0, "max": 0xFFFFFF, "step": 1, "display": "color"}],
    }
    return Node("EmptyImage", "EmptyImage", "image", required, ("IMAGE",), empty_image)


def _batch() -> Node:
    required = {"image1": ["IMAGE"], "image2": ["IMAGE"]}
    return Node("ImageBatch", "Batch Images", "image", required, ("IMAGE",), batch_images)


def _repeat() -> Node:
    required: dict[str, list[Any]] = {
        "image": ["IMAGE"],
        "amount": ["INT", {"default": 1, "min": 1, "max": 4096}],
    }
    return Node("RepeatImageBatch", "RepeatImageBatch", "image/batch", required, ("IMAGE",), repeat_batch)


def _pick() -> Node:
    required: dict[str, list[Any]] = {
        "image": ["IMAGE"],
        "batch_index": ["INT", {"default": 0, "min": 0, "max": 4095}],
        "length": ["INT", {"default": 1, "min": 1, "max": 4096}],
    }
    return Node("ImageFromBatch", "ImageFromBatch", "image/batch", required, ("IMAGE",), pick_from_batch)
