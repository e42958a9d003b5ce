"""What each person may use: public LoRAs and their own, kept ready for five minutes and thrown away when something changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from base.clock import Clock
from tools.loras.errors import BadLora
from tools.loras.model import Lora, Visibility, slug
from tools.loras.public import public
from tools.loras.resolving import Loras
from tools.registry.errors import ModelExists
from tools.registry.families import family_of
from tools.registry.licences import commercial
from tools.registry.model import Commercial
from tools.registry.service import Registration, Registrations
from tools.registry.urls import normalised

READY_S = 300.0
"""So long a person's trigger map is kept; a change of any process is seen at the next message all the same."""
MOST_READY = 1024
_FIELDS = ("name", "title", "file", "base", "triggers", "weight", "cover", "licence", "source")


@dataclass(frozen=True)
class _Ready:
    loras: Loras
    versions: tuple[int, int]
    until: float


class LoraShelf:
    """LoRAs by account. `everyday` gives the words that call nothing by themselves, when they are first needed."""

    def __init__(
        self, registrations: Registrations, clock: Clock, everyday: Callable[[], Collection[str]] = frozenset,
        non_commercial: Literal["allow", "refuse"] = "allow",
    ) -> None:  # fmt: skip
        self._registrations, self._clock, self._everyday = registrations, clock, everyday
        self._sellable_only = non_commercial == "refuse"
        self._ready: OrderedDict[str, _Ready] = OrderedDict()

    async def of(self, account_id: str) -> Loras:
        """What the account may use, its own first."""
        versions, now = await self._registrations.versions(account_id), self._clock.monotonic()
        known = self._ready.get(account_id)
        if known is None or known.versions != versions or known.until <= now:
            loras = Loras(tuple(await self._all(account_id)), self._everyday(), self._sellable_only)
            known = _Ready(loras, versions, now + READY_S)
            self._ready[account_id] = known
        self._ready.move_to_end(account_id)
        if len(self._ready) > MOST_READY:
            self._ready.popitem(last=False)
        return known.loras

    async def operators(self) -> list[Lora]:
        """What everybody may use, and what the operator proposes."""
        return await self._all(None)

    async def search(self, words: str, account_id: str) -> list[Lora]:
        """Those that hold all the words in name, title, triggers or family; the account's own first."""
        return [lora for lora in (await self.of(account_id)).all if lora.holds(words)]

    async def get(self, id: str, account_id: str) -> Lora:
        """One of the account's own. Raises NotRegistered."""
        return _lora(await self._registrations.own(id, account_id), account_id)

    async def add(self, facts: Mapping[str, Any], account_id: str, tier: str) -> Lora:
        """A private LoRA. Raises BadLora, BadModelUrl, ModelExists, TooManyOwn."""
        content = checked(facts)
        await self._check_name(content["name"], account_id, None)
        id = await self._registrations.add("lora", content, account_id, tier, "private")
        return await self.get(id, account_id)

    async def change(self, id: str, facts: Mapping[str, Any], account_id: str) -> Lora:
        """Other facts; it is private again. Raises NotRegistered, BadLora, BadModelUrl, ModelExists."""
        old = await self._registrations.own(id, account_id)
        content = checked({**old.content, **facts})
        await self._check_name(content["name"], account_id, id)
        await self._registrations.change(id, account_id, content)
        return await self.get(id, account_id)

    async def publish(self, id: str, account_id: str) -> Lora:
        """Ask that everybody may use it; an admin decides. Raises NotRegistered."""
        await self.get(id, account_id)
        await self._registrations.propose(id, account_id)
        return await self.get(id, account_id)

    async def remove(self, id: str, account_id: str) -> None:
        """Raises NotRegistered."""
        await self.get(id, account_id)
        await self._registrations.remove(id, account_id)

    async def _all(self, account_id: str | None) -> list[Lora]:
        entries = await self._registrations.visible("lora", account_id)
        added = [lora for entry in entries if (lora := _readable(entry, account_id)) is not None]
        own = [lora for lora in added if lora.owner is not None]
        others = [*public(), *(lora for lora in added if lora.owner is None)]
        listed = [*own, *{lora.name: lora for lora in reversed(others)}.values()]
        return [lora for lora in listed if not (self._sellable_only and lora.commercial is Commercial.NO)]

    async def _check_name(self, name: str, account_id: str, but: str | None) -> None:
        for lora in await self._all(account_id):
            if lora.name == name and lora.id != but:
                raise ModelExists("A LoRA of that name is there already.", action="Choose another name.")


def checked(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a person's facts, filled up with what follows from them. Raises BadLora, BadModelUrl."""
    given = {field: facts[field] for field in _FIELDS if facts.get(field) not in (None, "")}
    given.setdefault("name", slug(str(given.get("title", ""))))
    given.setdefault("title", given["name"])
    if "base" not in given and (family := family_of(str(given.get("file", "")))):
        given["base"] = family
    if "source" in given:
        given["source"] = normalised(str(given["source"]))
    try:
        lora = Lora.model_validate({"id": "", "commercial": commercial(given.get("licence")), **given})
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        raise BadLora(f"The field {field} is missing or makes no sense.", field=field) from None
    return lora.model_dump(mode="json", include=set(_FIELDS), exclude_none=True)


def _lora(entry: Registration, account_id: str | None) -> Lora:
    own = entry.account_id == account_id
    terms = commercial(entry.content.get("licence"))
    standing = {"id": entry.id, "visibility": Visibility(entry.state), "owner": account_id if own else None}
    return Lora.model_validate({**entry.content, **standing, "commercial": terms})


def _readable(entry: Registration, account_id: str | None) -> Lora | None:
    """None for an entry of another time that the rules of today do not take."""
    try:
        return _lora(entry, account_id)
    except ValidationError:
        return None
