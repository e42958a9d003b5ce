"""Shapes and bodies of models and LoRAs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from web.bodies import Body, Words
from web.shapes import Shape

Terms = Literal["yes", "limited", "no", "unknown"]
Short = Annotated[Words, Field(min_length=1, max_length=80)]
Url = Annotated[Words, Field(max_length=2000, description="An https address of a public host.")]
Base = Annotated[Short, Field(description="Family of the models it fits; read from the file name when left out.")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$", description="What stands in a tag.")]
Triggers = Annotated[tuple[Short, ...], Field(max_length=12, description="Words that call it.")]
Weight = Annotated[float, Field(ge=-2, le=2)]


class LoraShape(Shape):
    """A LoRA that the account may use: by its trigger words in a prompt, or by the tag `<lora:name:weight>`."""

    id: str
    name: str
    title: str
    file: str
    base: str
    triggers: list[str]
    weight: float
    cover: str | None
    visibility: Literal["public", "proposed", "private"]
    own: bool
    licence: str | None
    commercial: Terms
    source: str | None


class NewLora(Body):
    """A private LoRA whose file lies on a render server, under `models/loras`."""

    title: Short
    file: Annotated[Words, Field(min_length=1, max_length=255)]
    base: Base | None = None
    name: Name | None = None
    triggers: Triggers = ()
    weight: Weight = 1.0
    cover: Annotated[Words, Field(max_length=300)] | None = None
    licence: Short | None = None
    source: Url | None = None


class LoraChange(Body):
    """What may be changed; what is left out stays. A change makes it private again."""

    title: Short | None = None
    file: Annotated[Words, Field(min_length=1, max_length=255)] | None = None
    base: Short | None = None
    name: Name | None = None
    triggers: Triggers | None = None
    weight: Weight | None = None
    cover: Annotated[Words, Field(max_length=300)] | None = None
    licence: Short | None = None
    source: Url | None = None


class ModelShape(Shape):
    """A weight file of the registry."""

    id: str
    file: str
    folder: str
    url: str | None
    mirrors: list[str]
    source: str | None
    bytes: int | None
    sha256: str | None
    licence: str | None
    commercial: Terms
    purpose: str | None
    base: str | None
    vram_gb: float | None
    gated: bool
    popularity: int
    state: Literal["known", "proposed", "approved"]


class NewModel(Body):
    """A weight file by its address. Others see it once an admin agrees; nothing is fetched now."""

    url: Url
    folder: Annotated[Short | None, Field(description="ComfyUI's folder, where the address does not name it.")] = None
    file: Annotated[Words, Field(min_length=1, max_length=255)] | None = None
    base: Short | None = None
    licence: Short | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")] | None = None
    purpose: Annotated[Words, Field(max_length=200)] | None = None


class RegistrationShape(Shape):
    """What somebody proposes for everybody."""

    id: str
    kind: Literal["model", "lora"]
    state: Literal["private", "proposed", "public"]
    content: dict[str, Any]


class Decision(Body):
    """What becomes of a proposal."""

    state: Literal["public", "private"]
