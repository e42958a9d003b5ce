"""Work without a conversation: a program orders a plan, one tool or a spell, and gets a run."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import replace

from accounts.model import Account
from agent.casting import MAX_SEED
from agent.compose import compose, dear
from agent.errors import TextTooLong
from agent.model import Draft, DraftStep, Order, PlanningRequest, Shown
from agent.owned import own_tools
from base.db import Also, Database, nothing_more
from base.ids import is_id, new_id
from base.settings import Limits
from executor.errors import AssetNotFound
from executor.model import Asset, Lane, Owner
from executor.protocols import Assets, Pool, Runs
from tools import rules
from tools.errors import BadInput, BadParameter
from tools.model import Plan, Size
from tools.protocols import Catalogue
from tools.shelf.names import is_own


class Commissions:
    """Checks, prices and starts what programs order. The same checks as for a planner's draft."""

    def __init__(
        self, db: Database, runs: Runs, assets: Assets, pool: Pool, catalogue: Catalogue, limits: Limits,
        random: Callable[[], int],
    ) -> None:  # fmt: skip
        self._db, self._runs, self._assets = db, runs, assets
        self._pool, self._catalogue, self._limits, self._random = pool, catalogue, limits, random

    async def plan(self, account_id: str, order: Order) -> Plan:
        """The checked plan. Raises AssetNotFound, ToolNotFound, BadPlan, BadInput, BadParameter, BadBlank, BlankMissing,
        ToolUnavailable, FileTooLarge."""
        _check_lengths(order, self._limits.text_chars)
        ids = {step.id for step in order.steps}
        named = {name for step in order.steps for names in step.inputs.values() for name in names}
        wanted = sorted(name for name in named if name.partition(".")[0] not in ids)
        _check_names(wanted)
        self._check_said(order)
        assets = await self._assets.many(wanted, account_id)
        _check_there(order, {*assets, *ids})
        request = PlanningRequest(
            text="", shown=tuple(_shown(asset) for asset in assets.values()),
            own=await own_tools(self._catalogue, account_id, (step.tool for step in order.steps)),
            capabilities=tuple(self._pool.capabilities()), timings=self._pool.timings(), seed=self._random(),
        )  # fmt: skip
        summary = order.summary or ", then ".join(self._title(step, request) for step in order.steps)
        draft = Draft(summary, tuple(self._seeded(step, request.seed + n) for n, step in enumerate(order.steps)))
        return compose(draft, request, self._catalogue, new_id())

    async def start(
        self, account: Account, order: Order, correlation_id: str, also: Also = nothing_more, lane: Lane = Lane.NORMAL
    ) -> str:
        """The id of the run, which `also` hears in the transaction that makes it. One that is dear or long waits for
        `confirm`, as it would in a conversation. Raises NotAdmitted."""
        owner = Owner(account.id, account.tier, account.scope)
        plan = await self._runs.priced(await self.plan(account.id, order), owner)
        async with self._db.write() as tx:
            run_id = await self._runs.start(
                tx, plan, owner, origin=None, correlation_id=correlation_id, waiting=dear(plan, self._limits),
                lane=lane,
            )  # fmt: skip
            await also(tx, run_id)
        return run_id

    def _seeded(self, step: DraftStep, seed: int) -> DraftStep:
        """Who names no seed wants another picture each time. (A spell's open seeds are filled when it is cast.)"""
        if is_own(step.tool) or "seed" not in self._catalogue.get(step.tool).params:
            return step
        return replace(step, params={"seed": seed % MAX_SEED, **step.params})

    def _check_said(self, order: Order) -> None:
        """A program says everything once, and something. Raises BadParameter, ToolNotFound."""
        for step in order.steps:
            if is_own(step.tool):  # a spell's parameters are its blanks
                continue
            try:
                rules.check_said(self._catalogue.get(step.tool), step.params)
            except BadParameter as error:
                error.facts["step"] = step.id
                raise

    def _title(self, step: DraftStep, request: PlanningRequest) -> str:
        own = next((tool.title for tool in request.own if tool.name == step.tool), None)
        return own or step.tool.replace("_", " ")


def _check_lengths(order: Order, most: int) -> None:
    """A program says no more at once than a person may. Raises TextTooLong."""
    for step in order.steps:
        for name, value in step.params.items():
            if isinstance(value, str) and len(value) > most:
                raise TextTooLong(
                    f"{name} of step {step.id} has {len(value)} characters; a text has at most {most}.",
                    action="Shorten it and send it again.", step=step.id, parameter=name, maximum=most,
                )  # fmt: skip


def _check_names(names: Sequence[str]) -> None:
    """What is neither the id of an asset nor a step of the order. Raises BadInput."""
    unknown = next((name for name in names if not is_id(name)), None)
    if unknown is not None:
        raise BadInput(f"An input takes what {unknown} makes, and there is no step of that name.", reference=unknown)


def _check_there(order: Order, there: Container[str]) -> None:
    """Raises AssetNotFound, which says where an asset is named that is not there."""
    for step in order.steps:
        for port, names in step.inputs.items():
            for number, name in enumerate(names):
                if name not in there and name.partition(".")[0] not in there:
                    detail = f"There is no asset {name}, or it is not yours: step {step.id} takes it as its input {port}."
                    raise AssetNotFound(detail, asset_id=name, step=step.id, port=port, number=number)


def _shown(asset: Asset) -> Shown:
    size = Size(asset.width, asset.height) if asset.width and asset.height else None
    return Shown(
        ref=asset.id, handle=None, kind=asset.kind.value, origin=asset.origin, size=size, asset_id=asset.id,
        file_bytes=asset.file_bytes,
    )  # fmt: skip
