"""How a picture was made, as a recipe: all steps since what the person brought, whichever messages they came from. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from executor.model import VERSION, Asset
from tools.errors import BadSpell
from tools.model import RecipeStep
from tools.spells.making import ASSET
from tools.spells.model import MAX_STEPS


@dataclass
class _Walk:
    """Steps in an order in which they can run."""

    assets: Mapping[str, Asset]
    steps: list[RecipeStep] = field(default_factory=list)
    known: dict[tuple[str | None, str | None], str] = field(default_factory=dict)

    def visit(self, asset_id: str) -> str:
        """The name by which later steps take this asset."""
        asset = self.assets.get(asset_id)
        if asset is None or asset.origin != "output" or asset.tool is None:
            return f"{ASSET}{asset_id}"  # brought, or deleted since: the next person brings it
        made_by = (asset.run_id, asset.step_id)
        if made_by not in self.known:
            inputs: dict[str, tuple[str, ...]] = {}
            for parent in asset.parents:
                if parent.port != VERSION:
                    inputs[parent.port] = (*inputs.get(parent.port, ()), self.visit(parent.asset_id))
            if len(self.steps) == MAX_STEPS:
                raise BadSpell(f"It took more than {MAX_STEPS} steps, which is the most that a spell has.", maximum=MAX_STEPS)
            step = RecipeStep(id=f"s{len(self.steps) + 1}", tool=asset.tool, params=dict(asset.params or {}), inputs=inputs)
            self.steps.append(step)
            self.known[made_by] = step.id
        return self.known[made_by]


def recipe_of(asset_id: str, assets: Mapping[str, Asset]) -> tuple[RecipeStep, ...]:
    """The steps that made a picture; `assets` has its ancestors. Raises BadSpell for what was brought as it is, or took too
    many steps."""
    walk = _Walk(assets)
    walk.visit(asset_id)
    if not walk.steps:
        raise BadSpell("That was brought as it is: nothing was done that could be done again.")
    *inner, last = walk.steps
    return (*(_single(step) for step in inner), last)


def painted_by_sketch(asset_id: str, assets: Mapping[str, Asset]) -> bool:
    """Whether no real model was at work, so that its name is nothing to keep."""
    return asset_id in assets and assets[asset_id].sketch


def _single(step: RecipeStep) -> RecipeStep:
    """Of several tries one was worked on: one is what is needed."""
    return step.model_copy(update={"params": {n: v for n, v in step.params.items() if n != "count"}})
