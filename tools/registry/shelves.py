"""Models that were added here, beside those that come with the program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tools.registry.entries import registered
from tools.registry.model import RegisteredModel
from tools.registry.proposing import proposal
from tools.registry.service import PUBLIC, Registration, Registrations


class ModelShelf:
    """What an account (None: the operator) sees of the registry."""

    def __init__(self, registrations: Registrations) -> None:
        self._registrations = registrations

    async def all(self, account_id: str | None) -> list[RegisteredModel]:
        """By id. A file that comes with the program stands above one that was added."""
        known = {model.place: model for model in registered()}
        for entry in await self._registrations.visible("model", account_id):
            model = _model(entry)
            known.setdefault(model.place, model)
        return sorted(known.values(), key=lambda model: model.id)

    async def add(
        self, url: str, account_id: str | None, facts: Mapping[str, str | None], tier: str = "standard"
    ) -> tuple[str, RegisteredModel]:
        """Propose a file: the registration's id, and the entry. `facts` are the further arguments of `proposal`.

        Raises BadModelUrl, BadModelEntry, ModelExists, TooManyOwn.
        """
        taken = {model.place for model in await self.all(account_id)}
        model = proposal(url, taken, **facts)
        content = model.model_dump(mode="json", exclude={"state"}, exclude_none=True)
        return await self._registrations.add("model", content, account_id, tier, "proposed"), model


def proposed_models(entries: Iterable[Registration]) -> list[RegisteredModel]:
    """The models among what waits for a decision."""
    return [_model(entry) for entry in entries if entry.kind == "model"]


def _model(entry: Registration) -> RegisteredModel:
    state = "approved" if entry.state == PUBLIC else "proposed"
    return RegisteredModel.model_validate({**entry.content, "state": state})
