"""How large weight files are. The package has no field for it, but its notes, its totals and the files' own names say.

In the notes `[file](url) (7.49 GB)` counts in 2**30 bytes and `[file](url) - 8.04 GB` in 10**9: the files that occur
both ways differ by just that factor. The index gives one total for each template, often rounded to a tenth; what is left
of it for the only unknown file is an estimate. For the rest the name tells parameters and precision.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

_SIZED = re.compile(
    r"\[([^\]\s]+\.(?:safetensors|ckpt|pth?|bin|sft|onnx|gguf))\]\([^)\s]*\)\s*(\(|[-–—])\s*~?\s*([\d.]+)\s*([KMG])B"
)
_POWER = {"K": 1, "M": 2, "G": 3}
_BILLIONS = re.compile(r"(?<![\d.a-z])(\d+(?:\.\d+)?)b(?![a-z])", re.I)
_PRECISIONS = (("nvfp4", 0.56), ("w4a8", 0.6), ("int4", 0.56), ("fp8", 1.05), ("int8", 1.05), ("fp32", 4.0))
_BY_FOLDER = {"loras": 3e8, "vae": 3e8, "upscale_models": 7e7, "latent_upscale_models": 1e9, "clip_vision": 1.5e9}
#: Estimates from the models' own papers, where neither notes nor totals nor names tell.
_KNOWN = {
    "hunyuan_video_t2v_720p_bf16.safetensors": 25.6e9, "llava_llama3_fp8_scaled.safetensors": 9.1e9,
    "qwen_image_edit_2511_fp8mixed.safetensors": 20.5e9,
}  # fmt: skip


@dataclass(frozen=True)
class FileSize:
    """Bytes of a file; `estimated` when nobody wrote them down."""

    bytes: int
    estimated: bool = False


def from_notes(notes: Iterable[str]) -> dict[str, FileSize]:
    """File name -> size, for all files that some note names with one; the more exact of the two ways wins."""
    found: dict[str, tuple[int, FileSize]] = {}
    for note in notes:
        for name, form, number, unit in _SIZED.findall(note):
            base = 1024 if form == "(" else 1000
            size = FileSize(round(float(number) * base ** _POWER[unit]))
            exactness = len(number.replace(".", ""))
            if exactness > found.get(name, (0, size))[0]:
                found[name] = (exactness, size)
    return {name: size for name, (_, size) in found.items()}


def from_totals(
    known: Mapping[str, FileSize], totals: Sequence[tuple[int, frozenset[str]]]
) -> dict[str, FileSize]:
    """Files that are the only unknown one of a template: the median of what its totals leave for them."""
    left: dict[str, list[float]] = {}
    for total, files in totals:
        unknown = [name for name in files if name not in known]
        if len(unknown) == 1:
            rest = total - sum(known[name].bytes for name in files if name in known)
            left.setdefault(unknown[0], []).append(rest)
    rests = {name: median(values) for name, values in left.items()}
    sensible = {name: rest for name, rest in rests.items() if rest > 0.05 * 2**30 and not _is_odd(name, rest)}
    return {name: FileSize(round(rest), True) for name, rest in sensible.items()}


def from_name(name: str, folder: str) -> FileSize | None:
    """Parameters times precision where the name has both (`wan2.1_t2v_1.3B_fp16`), else what its folder usually holds."""
    if name in _KNOWN:
        return FileSize(round(_KNOWN[name]), True)
    billions = _BILLIONS.search(name)
    if billions is None or folder == "loras":
        usual = _BY_FOLDER.get(folder)
        return FileSize(round(usual), True) if usual else None
    return FileSize(round(float(billions[1]) * 1e9 * bytes_per_parameter(name)), True)


def _is_odd(name: str, size: float) -> bool:
    """Whether a total left something that the file's own name contradicts."""
    told = from_name(name, "")
    return told is not None and not 0.67 < size / told.bytes < 1.5


def bytes_per_parameter(name: str) -> float:
    """Of a weight file with that name; two where it does not say."""
    return next((size for word, size in _PRECISIONS if word in name.lower()), 2.0)
