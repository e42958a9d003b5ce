"""A handful of LoRAs, and what calls them."""

from __future__ import annotations

from typing import Any

from tools.loras.model import Lora
from tools.loras.resolving import Applied, Loras, Step, applied

EVERYDAY = frozenset({"ink", "art", "fox", "dream"})
SDXL = Step("SDXL", "sdxl", others=(("FLUX.1 dev", "flux1"),))


def lora(name: str, *triggers: str, **values: Any) -> Lora:
    given = {"id": name, "title": name, "file": f"{name.replace('-', '_')}.safetensors", "base": "sdxl", "triggers": triggers}
    return Lora.model_validate({**given, "name": name, **values})


DISNEY = lora("disney-v3", "disney style")
DREAM_DISNEY = lora("dream-disney", "dream disney style", weight=0.7)
INK = lora("ink", "ink", owner="me")
ART = lora("art-deco", "art")
NEON = lora("neon", "neon glow", base="flux1")
LORAS = Loras((INK, DISNEY, DREAM_DISNEY, ART, NEON), EVERYDAY)


def say(text: str, loras: Loras = LORAS, step: Step = SDXL, **values: Any) -> Applied:
    return applied(text, loras, step, **values)


def names(found: Applied) -> list[str]:
    return [use.name for use in found.loras]


def codes(found: Applied) -> list[str]:
    return [warning.code for warning in found.warnings]
