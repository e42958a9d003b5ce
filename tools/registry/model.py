"""The types of the registry: a weight file, its licence, what a check finds."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tools.model import ModelFile

FOLDERS = frozenset({
    "audio_encoders", "background_removal", "checkpoints", "clip_vision", "controlnet", "detection", "diffusion_models",
    "embeddings", "frame_interpolation", "geometry_estimation", "gligen", "hypernetworks", "latent_upscale_models", "loras",
    "model_patches", "optical_flow", "photomaker", "style_models", "text_encoders", "unet", "upscale_models", "vae",
    "vae_approx",
})  # fmt: skip
"""Folders beneath ComfyUI's `models`. A file can go nowhere else."""


class Commercial(StrEnum):
    """Whether the pictures may be sold."""

    YES = "yes"
    LIMITED = "limited"
    """With a condition that many do not meet: a ceiling of revenue, countries left out."""
    NO = "no"
    UNKNOWN = "unknown"


class Licence(BaseModel):
    """Terms under which weights are given away. `name` is the SPDX identifier where there is one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    commercial: Commercial
    url: str | None = None
    aliases: tuple[str, ...] = ()
    """Other names that sources give it."""
    condition: str | None = None
    """What limits it, in words for a person."""


class RegisteredModel(BaseModel):
    """A weight file that we know of. What is not known is None, never guessed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    file: str = Field(min_length=1, max_length=255)
    """As ComfyUI names it beneath `folder`, subfolders included."""
    folder: str
    url: str | None = None
    mirrors: tuple[str, ...] = ()
    """Further addresses of the same file."""
    source: str | None = None
    """Who publishes it, such as `Comfy-Org/z_image_turbo`."""
    bytes: int | None = Field(None, ge=1)
    sha256: str | None = None
    licence: str | None = None
    commercial: Commercial = Commercial.UNKNOWN
    purpose: str | None = None
    base: str | None = None
    """Base family, see tools.registry.families."""
    vram_gb: float | None = Field(None, gt=0)
    gated: bool = False
    """Its source asks for an account before it gives the file."""
    popularity: int = Field(0, ge=0)
    """How often the templates that load it are used; 0 where none does."""
    state: Literal["known", "proposed", "approved"] = "known"
    """`known` comes with the program; the others were added here."""

    @property
    def place(self) -> str:
        """`folder/file`: what two entries must not share."""
        return f"{self.folder}/{self.file}"

    def holds(self, words: str) -> bool:
        """Whether it is told by all these words."""
        told = (self.id, self.file, self.base, self.purpose, self.licence, self.source)
        text = " ".join(filter(None, told)).lower()
        return all(word in text for word in words.lower().split())

    def model_file(self) -> ModelFile:
        """As a tool lists what it needs."""
        return ModelFile(
            file=self.file, folder=self.folder, url=self.url, bytes=self.bytes, sha256=self.sha256,
            licence=self.licence, gated=self.gated,
        )  # fmt: skip


class Finding(BaseModel):
    """Something that a check of the registry found. An error makes the command fail, a note does not."""

    model_config = ConfigDict(frozen=True)

    level: Literal["error", "note"]
    model: str
    code: str
    message: str


def model_id(folder: str, file: str) -> str:
    """A stable name of letters, digits and dashes: `loras/Some File.safetensors` -> `loras-some-file`."""
    stem = re.sub(r"\.(safetensors|sft|ckpt|pt|pth|bin|gguf|onnx)$", "", file, flags=re.IGNORECASE)
    return re.sub(r"[^a-z0-9.]+", "-", f"{folder}-{stem}".lower()).strip("-.")
