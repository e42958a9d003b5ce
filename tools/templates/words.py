"""What a template is called and how it is described, so that people and searches find it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tools.model import MediaKind, Port
from tools.templates.families import families
from tools.templates.package import Template

_ONE = {
    MediaKind.IMAGE: "a picture", MediaKind.MASK: "a mask", MediaKind.VIDEO: "a video", MediaKind.AUDIO: "a piece of audio",
    MediaKind.TEXT: "a text", MediaKind.MODEL3D: "a 3D model",
}  # fmt: skip
_SEVERAL = {MediaKind.IMAGE: "pictures", MediaKind.MASK: "masks", MediaKind.VIDEO: "videos", MediaKind.AUDIO: "pieces of audio"}
_MODELS_OF_NOBODY = {"none", "wan", "flux", "stability", "lightricks", "tencent", "qwen", "nvidia"}
_TITLE_NOISE = re.compile(r"^1 click ", re.I)


def tool_name(template: str) -> str:
    """The template's name in small letters, with `_` for every run of anything but letters and digits."""
    return re.sub(r"[^a-z0-9]+", "_", template.lower())


def title_of(template: Template) -> str:
    """As the package calls it, one line."""
    return _TITLE_NOISE.sub("", " ".join(str(template.entry["title"]).split()))


def models_of(template: Template) -> tuple[str, ...]:
    """Names of models that a person may ask for, the most telling first; makers' names last."""
    named = [*template.entry.get("models", ()), str(template.task.get("model") or "")]
    distinct = list(dict.fromkeys(name for name in named if name and name.lower() != "none"))
    return tuple(sorted(distinct, key=lambda name: name.lower() in _MODELS_OF_NOBODY))


def tags_of(template: Template, family: str) -> tuple[str, ...]:
    """Words for the job, then what the package says of it, then its models; each once."""
    words = [family, *families()[family].also, *template.entry.get("tags", ()), *models_of(template)]
    return tuple(dict.fromkeys(word.lower() for word in words))


def marks_of(template: Template) -> frozenset[str]:
    """The package's tags, in small letters with hyphens: what decides the family."""
    task = template.task
    said = [*template.entry.get("tags", ()), str(task.get("task") or ""), *task.get("capabilities", {}).get("workflow", ())]
    return frozenset(re.sub(r"\s+", "-", word.strip().lower()) for word in said if word)


def description_of(
    template: Template, family: str, inputs: Mapping[str, Port], outputs: Mapping[str, Port], takes_words: bool
) -> str:
    """One sentence made of what is known, then the package's own."""
    models = models_of(template)
    with_model = f" with {models[0]}" if models else ""
    given = [*_media(inputs), *(["words"] if takes_words else [])]
    takes = f"Takes {_listed(given)}, gives" if given else "Gives"
    own = f"{families()[family].job}{with_model}. {takes} {_listed(_media(outputs))}."
    return f"{own} {' '.join(str(template.entry.get('description', '')).split())}".strip()


def _media(ports: Mapping[str, Port]) -> list[str]:
    kinds: dict[MediaKind, int] = {}
    for port in ports.values():
        kinds[port.kind] = kinds.get(port.kind, 0) + port.count[1]
    return [_ONE[kind] if count == 1 or kind not in _SEVERAL else _SEVERAL[kind] for kind, count in kinds.items()]


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
