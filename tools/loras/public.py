"""The LoRAs that come with the program: those of the registry, and what `public.yaml` says of some."""

from __future__ import annotations

from functools import cache
from importlib import resources

from tools.loras.model import Lora, slug
from tools.registry.entries import registered
from tools.registry.licences import commercial
from tools.registry.model import RegisteredModel


@cache
def public() -> tuple[Lora, ...]:
    """By name. Every LoRA of the registry whose family is known, and further ones with their trigger words."""
    import yaml

    text = (resources.files("tools.loras") / "public.yaml").read_text(encoding="utf-8")
    by_file = {model.file: _of_registry(model) for model in registered() if model.folder == "loras" and model.base is not None}
    for entry in yaml.safe_load(text):
        known = by_file.get(entry["file"])
        facts = {} if known is None else known.model_dump(exclude={"id", "name", "title"}, exclude_none=True)
        terms = commercial(entry.get("licence") or facts.get("licence"))
        by_file[entry["file"]] = Lora.model_validate({**facts, "id": entry["name"], "commercial": terms, **entry})
    return tuple(sorted(by_file.values(), key=lambda lora: lora.name))


def _of_registry(model: RegisteredModel) -> Lora:
    stem = model.file.rpartition("/")[2].rpartition(".")[0]
    return Lora(
        id=slug(stem), name=slug(stem), title=stem.replace("_", " ")[:80], file=model.file, base=model.base or "",
        licence=model.licence, commercial=model.commercial, source=model.url,
    )  # fmt: skip
