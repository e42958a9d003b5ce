"""From what a person wrote to what is loaded: tags read, triggers called, weights held in bounds. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from tools.loras.errors import BadLoraTag, UnknownLora
from tools.loras.model import HEAVIEST, LIGHTEST, MOST, Lora, LoraUse, slug
from tools.loras.tags import Tag, tags, written
from tools.loras.triggers import Called, TriggerMap
from tools.model import Warning
from tools.registry.families import fits

COOLDOWN = 6
"""For so many messages the hint about an everyday word is not repeated."""


@dataclass(frozen=True)
class Loras:
    """What one person may use: everybody's and their own, which stand above."""

    all: tuple[Lora, ...] = ()
    everyday: Collection[str] = field(default=frozenset(), repr=False)
    sellable_only: bool = False
    """This installation refuses models whose pictures may not be sold."""

    def __post_init__(self) -> None:
        named = {slug(name): lora for lora in reversed(self.all) for name in (_stem(lora.file), lora.name)}
        named |= {lora.name: lora for lora in reversed(self.all)}
        object.__setattr__(self, "_named", named)
        object.__setattr__(self, "_triggers", TriggerMap(self.all, self.everyday))

    def named(self, name: str) -> Lora:
        """By name or file, in any case. Raises UnknownLora with the nearest names."""
        known: dict[str, Lora] = self.__dict__["_named"]
        found = known.get(name.lower()) or known.get(slug(name))
        if found is None:
            near = get_close_matches(slug(name), sorted({lora.name for lora in self.all}), n=3, cutoff=0.5)
            hint = f"Did you mean {' or '.join(near)}?" if near else None
            raise UnknownLora("There is no LoRA of the name in the tag.", action=hint, nearest=near)
        return found

    def meant(self, text: str) -> list[Lora]:
        """Every LoRA that the words may mean, by tag or by trigger; tags that name none or cannot be read mean nothing here."""
        try:
            tagged = [self.__dict__["_named"].get(slug(tag.name)) for tag in tags(text)]
        except BadLoraTag:
            tagged = []
        said = [lora for hit in self.called(text) if hit.meant for lora in hit.loras]
        return [lora for lora in (*tagged, *said) if lora is not None]

    def called(self, text: str) -> list[Called]:
        triggers: TriggerMap = self.__dict__["_triggers"]
        return triggers.called(text)


@dataclass(frozen=True)
class Step:
    """Where LoRAs would be loaded."""

    title: str
    base: str | None
    """Family of the model; None: not known, and nothing is loaded."""
    takes: bool = True
    """Whether its graph has a place for them."""
    others: tuple[tuple[str, str], ...] = ()
    """(title, family) of further tools, to say which one would fit."""


@dataclass(frozen=True)
class Applied:
    """The prompt with every LoRA as a tag in its one form, what they load, and what the person should know."""

    text: str = field(repr=False)
    loras: tuple[LoraUse, ...] = ()
    warnings: tuple[Warning, ...] = ()


def applied(
    text: str, loras: Loras, step: Step, recent: Sequence[str] = (), has: Callable[[str], bool] = lambda _file: True
) -> Applied:
    """What a prompt loads. Raises UnknownLora, BadLoraTag.

    `recent` are the person's messages before, the newest last; `has` tells whether some server that can do the step has
    a file. What somebody wrote as a tag is asked for in any case; what a trigger calls is left out where it is missing.
    """
    resolution = _Resolution(text, loras, step, has)
    for tag in tags(text):
        resolution.tag(tag)
    hits = loras.called(text)
    for hit in hits:
        resolution.trigger(hit, recent)
    if len(resolution.used) > MOST:
        raise BadLoraTag(f"One picture takes at most {MOST} LoRAs.", action="Leave some out.", maximum=MOST)
    return Applied(resolution.rewritten(), tuple(resolution.used.values()), tuple(resolution.warnings))


class _Resolution:
    def __init__(self, text: str, loras: Loras, step: Step, has: Callable[[str], bool]) -> None:
        self._text, self._loras, self._step, self._has = text, loras, step, has
        self._changes: list[tuple[int, int, str]] = []
        self.used: dict[str, LoraUse] = {}
        self.warnings: list[Warning] = []

    def tag(self, tag: Tag) -> None:
        lora = self._loras.named(tag.name)
        weight = lora.weight if tag.weight is None else tag.weight
        held = min(HEAVIEST, max(LIGHTEST, weight))
        if held != weight:
            self._warn("lora_weight", f"The weight of {lora.name} is held at {held:g}; more would only spoil the picture.")
        if lora.name in self.used:
            self._change(tag, "")
        elif not self._fits(lora):
            self._warn("lora_unfit", self._unfit(lora))
            self._change(tag, "")
        else:
            self._use(lora, held)
            self._change(tag, written(lora.name, held))

    def trigger(self, hit: Called, recent: Sequence[str]) -> None:
        if self._step.base is None or any(lora.name in self.used for lora in hit.loras):
            return
        fitting = [lora for lora in hit.loras if self._fits(lora)]
        if not hit.meant:
            self._hint(hit, fitting, recent)
        elif not fitting:
            self._warn("lora_unfit", self._unfit(hit.loras[0]))
        elif not (there := [lora for lora in fitting if self._has(lora.file)]):
            self._warn("lora_missing", f"{fitting[0].name} was not used: no server has {fitting[0].file} in models/loras.")
        else:
            self._use(there[0], there[0].weight)
            self._changes.append((hit.lead, hit.lead, f"{written(there[0].name, there[0].weight)} "))

    def rewritten(self) -> str:
        text = self._text
        for start, end, new in sorted(self._changes, reverse=True):
            before, after = text[:start], text[end:]
            if not new and (not before or before[-1].isspace()):
                after = after.lstrip(" ")
            text = before + new + after
        return text if text == self._text else text.strip(" ")

    def _hint(self, hit: Called, fitting: list[Lora], recent: Sequence[str]) -> None:
        """An everyday word: say once in a while how to mean it."""
        said = self._text[hit.start : hit.end]
        lately = any(found.loras == hit.loras for text in recent[-COOLDOWN:] for found in self._loras.called(text))
        own = [lora for lora in fitting if lora.owner is not None and self._has(lora.file)]
        if own and not lately:
            self._warn("lora_hint", f'Say "in {said.lower()} style" to use your LoRA {own[0].name}.')

    def _use(self, lora: Lora, weight: float) -> None:
        self.used[lora.name] = LoraUse(name=lora.name, file=lora.file, weight=round(weight, 2))

    def _change(self, tag: Tag, new: str) -> None:
        self._changes.append((tag.start, tag.end, new))

    def _fits(self, lora: Lora) -> bool:
        return self._step.takes and fits(lora.base, self._step.base)

    def _unfit(self, lora: Lora) -> str:
        able = list(dict.fromkeys(title for title, base in self._step.others if fits(lora.base, base)))[:2]
        instead = f" {_listed(able)} would take it." if able else ""
        return f"{lora.name} was not used: it is made for {lora.base}, which {self._step.title} is not.{instead}"

    def _warn(self, code: str, message: str) -> None:
        self.warnings.append(Warning(code=code, message=message))


def _listed(names: Iterable[str]) -> str:
    return " or ".join(names)


def _stem(file: str) -> str:
    return file.rpartition("/")[2].rpartition(".")[0]
