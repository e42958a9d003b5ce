"""The steps of a job as one graph for one instance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from base.errors import Problem
from executor.assets.service import AssetService
from executor.comfy.faults import Faulted
from executor.comfy.instance import Instance
from executor.model import Claim, Fault, FaultKind, JobStep, Link
from executor.sending import Inputs, entering, send_inputs
from tools.model import Capabilities, Implementation, Size, Tool
from tools.protocols import Catalogue
from tools.service import Joining, NotFusable, Part, Taken, named, part_of


class Bound(Protocol):
    """A graph ready for an instance."""

    @property
    def graph(self) -> dict[str, dict[str, Any]]: ...

    @property
    def outputs(self) -> Mapping[str, str]: ...


class Build(Protocol):
    """tools.service.build_graph."""

    def __call__(
        self, tool: Tool, implementation: Implementation, params: Mapping[str, Any], inputs: Mapping[str, list[str]],
        sizes: Mapping[str, Size], capabilities: Capabilities, filename_prefix: str,
    ) -> Bound: ...  # fmt: skip


class Implement(Protocol):
    """tools.service.choose_implementation."""

    def __call__(
        self, tool: Tool, instance: Capabilities, params: Mapping[str, Any]
    ) -> Implementation | None: ...


class Apart(Exception):
    """These steps cannot be one graph: each is to be done alone. `fault` is set when an instance said so."""

    def __init__(self, fault: Fault | None = None) -> None:
        self.fault = fault
        super().__init__("steps that do not go together")


@dataclass(frozen=True)
class Whole:
    """One graph; `outputs` of each step that it does, port -> node."""

    graph: dict[str, dict[str, Any]] = field(repr=False)
    outputs: Mapping[str, Mapping[str, str]]

    @property
    def nodes(self) -> list[str]:
        """Those that save something."""
        return [node for outputs in self.outputs.values() for node in outputs.values()]


class Binder:
    """For one job on one instance. A job of several steps gives each node the number of its step, so that whoever takes it
    over knows the names without having sent it."""

    def __init__(
        self, build: Build, implement: Implement, catalogue: Catalogue, assets: AssetService, claim: Claim, instance: Instance
    ) -> None:
        self._build, self._implement, self._assets = build, implement, assets
        self._claim, self._instance = claim, instance
        self.tools = {one.step.id: catalogue.get(one.step.tool) for one in claim.steps}
        self._numbers = {one.step.id: number for number, one in enumerate(claim.steps)}

    @property
    def _several(self) -> bool:
        return len(self._claim.steps) > 1

    def step_of(self, node: str) -> str:
        """Whose node it is; of a shared one the first step's."""
        number = part_of(node) if self._several else None
        return self._claim.steps[number or 0].step.id

    def unbound(self, claim: Claim) -> Whole:
        """What is known without binding: which nodes save, and how heavy all are."""
        graph: dict[str, dict[str, Any]] = {}
        outputs = {}
        for one in claim.left:
            found, name = self._implementation(one), self._namer(one)
            graph |= {name(node_id): node for node_id, node in found.graph.items()}
            outputs[one.step.id] = {port: name(node) for port, node in found.outputs.items()}
        return Whole(graph, outputs)

    async def bind(self, claim: Claim, attempt: int = 0) -> Whole:
        """Send the inputs and bind what is left to be done. The prefix is the job's own, so that no two jobs ever name one
        file. Raises Faulted, Problem, and Apart where only several are the reason."""
        if not self._several:
            bound = await self._alone(claim.steps[0], self._prefix(attempt))
            return Whole(bound.graph, {claim.step.id: bound.outputs})
        try:
            return await self._together(claim, attempt)
        except (NotFusable, Problem) as error:
            if len(claim.left) > 1 or isinstance(error, NotFusable):
                raise Apart from None
            raise
        except Faulted as error:
            if len(claim.left) > 1 and error.fault.kind is FaultKind.JOB:
                raise Apart from None
            raise

    async def _alone(self, one: JobStep, prefix: str) -> Bound:
        inputs = await send_inputs(self._assets, one, self.tools[one.step.id], self._claim.owner, self._instance)
        return self._built(one, inputs, prefix)

    async def _together(self, claim: Claim, attempt: int) -> Whole:
        files: dict[str, Size] = {}
        joining = Joining(self._capabilities().nodes, files)
        for one in claim.left:
            tool, number = self.tools[one.step.id], self._numbers[one.step.id]
            inputs = await send_inputs(self._assets, one, tool, claim.owner, self._instance)
            files |= inputs.files
            self._take(joining, one, tool, inputs)
            bound = self._built(one, inputs, f"{self._prefix(attempt)}-{number}")
            joining.add(number, Part(bound.graph, bound.outputs))
        fused = joining.fused()
        return Whole(fused.graph, {one.step.id: fused.outputs[self._numbers[one.step.id]] for one in claim.left})

    def _take(self, joining: Joining, one: JobStep, tool: Tool, inputs: Inputs) -> None:
        """Note what comes from other steps of the job. Raises NotFusable where its size has to be known and is not."""
        for port, many in entering(one, tool).items():
            if many and isinstance(many[0], Link):
                taken = Taken(self._numbers[many[0].step_id], many[0].port, many[0].index)
                size = joining.picture(taken).size
                if size is None and tool.derive is not None:
                    raise NotFusable("the size of an input is not known before it is made")
                inputs.names[port] = [taken]
                if size is not None:
                    inputs.sizes[port] = size

    def _built(self, one: JobStep, inputs: Inputs, prefix: str) -> Bound:
        tool = self.tools[one.step.id]
        return self._build(
            tool, self._implementation(one), one.step.params, inputs.names, inputs.sizes, self._capabilities(), prefix
        )

    def _prefix(self, attempt: int) -> str:
        return f"stationthis/{self._claim.id}" + (f"-{attempt}" if attempt else "")

    def _namer(self, one: JobStep) -> Any:
        number = self._numbers[one.step.id]
        return (lambda node: named(number, node)) if self._several else str

    def _capabilities(self) -> Capabilities:
        if self._instance.capabilities is None:
            raise Faulted(Fault(FaultKind.CONNECTION, "instance_away"))
        return self._instance.capabilities

    def _implementation(self, one: JobStep) -> Implementation:
        found = self._implement(self.tools[one.step.id], self._capabilities(), one.step.params)
        if found is None:
            raise Faulted(Fault(FaultKind.MODEL, "model_missing"))
        return found
