"""What the licences that weights come under allow. Pure lookup over `licences.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

from tools.registry.model import Commercial, Licence


@cache
def licences() -> Mapping[str, Licence]:
    """Name in small letters -> licence."""
    import yaml

    text = (resources.files("tools.registry") / "licences.yaml").read_text(encoding="utf-8")
    known = [Licence.model_validate(entry) for entry in yaml.safe_load(text)]
    return {name.lower(): licence for licence in known for name in (licence.name, *licence.aliases)}


def commercial(name: str | None) -> Commercial:
    """What a licence says about selling; UNKNOWN for one that we do not know."""
    licence = licences().get((name or "").lower())
    return Commercial.UNKNOWN if licence is None else licence.commercial
