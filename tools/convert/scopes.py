"""Subgraphs unfolded: every instance a scope of its own, and the values that an instance shows of what is inside. Pure.

A value inside may be *promoted*: shown at the instance. Older pages leave it where it was, so that the instance only
displays it; newer ones store it at the instance, where it overrides the inner one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tools.convert.values import stored, value_of
from tools.convert.workflow import MOST_NODES, Definition, Link, Node, Sheet, Workflow
from tools.errors import LayoutUnknown, SubgraphCycle, WorkflowTooLarge
from tools.nodes import ObjectInfo, inputs_of

_DEEPEST = 32


@dataclass(frozen=True, eq=False)
class Instance:
    """Where a scope hangs: the node that stands for it in the scope outside."""

    outside: Scope
    node: Node
    definition: Definition


@dataclass(frozen=True, eq=False)
class Scope:
    """One graph at one place of the unfolded workflow. `path` goes before the ids of its nodes: ``"57:8:"``."""

    path: str
    sheet: Sheet
    instance: Instance | None
    info: ObjectInfo
    inside: dict[str, Scope] = field(default_factory=dict)
    """Instance node id -> the scope it stands for."""

    @cached_property
    def shown(self) -> Mapping[str, Any]:
        """Input name of the instance -> the value that it keeps itself."""
        return {} if self.instance is None else _kept(self, self.instance)

    def stored(self, node: Node) -> Mapping[str, Any]:
        """What a plain node keeps, by full input name."""
        return stored(node, inputs_of(self.info.get(node.type)))

    def own_value(self, node: Node, name: str) -> tuple[Any, ...]:
        """(value,) that a node of this scope keeps or shows under that input name; () when there is none."""
        scope = self.inside.get(node.id)
        if scope is not None:
            return scope.promoted(name)
        inputs = inputs_of(self.info.get(node.type))
        return value_of(name, inputs, self.stored(node))

    def promoted(self, name: str) -> tuple[Any, ...]:
        """(value,) of an input of the instance that nothing is linked to; () when it shows no value."""
        if name in self.shown:
            return (self.shown[name],)
        target = self.first_widget(name)
        return () if target is None else self.own_value(*target)

    def first_widget(self, name: str) -> tuple[Node, str] | None:
        """The first inner widget that an input of the instance feeds: it speaks for all the others."""
        definition = self.instance.definition if self.instance else None
        links = (self.sheet.links[number] for number in (definition.inward.get(name, ()) if definition else ()))
        return next((target for link in links if (target := self._widget(link))), None)

    def _widget(self, link: Link) -> tuple[Node, str] | None:
        node = self.sheet.nodes.get(link.target)
        if node is None or not 0 <= link.target_slot < len(node.inputs):
            return None
        socket = node.inputs[link.target_slot]
        return (node, socket.name) if socket.widget else None


def unfold(workflow: Workflow, info: ObjectInfo) -> Scope:
    """The top scope with every instance inside it. Raises SubgraphCycle and WorkflowTooLarge."""
    count = 0

    def opened(sheet: Sheet, path: str, instance: Instance | None, types: tuple[str, ...]) -> Scope:
        nonlocal count
        count += len(sheet.nodes)
        if count > MOST_NODES or len(types) > _DEEPEST:
            raise WorkflowTooLarge(nodes=MOST_NODES, depth=_DEEPEST)
        scope = Scope(path, sheet, instance, info)
        for node in sheet.nodes.values():
            definition = workflow.definitions.get(node.type)
            if definition is None:
                continue
            if node.type in types:
                raise SubgraphCycle(node=f"{path}{node.id}")
            inside = Instance(scope, node, definition)
            scope.inside[node.id] = opened(definition.sheet, f"{path}{node.id}:", inside, (*types, node.type))
        return scope

    return opened(workflow.top, "", None, ())


def _kept(scope: Scope, instance: Instance) -> Mapping[str, Any]:
    node = instance.node
    if node.displays_inner:
        return {}
    names = [name for name, _ in instance.definition.inputs if scope.first_widget(name) is not None]
    if node.values and len(node.values) <= len(names):
        return dict(zip(names, node.values, strict=False))
    if node.values and not node.named:
        raise LayoutUnknown(node=f"{instance.outside.path}{node.id}", node_type="subgraph")
    return {name: node.named[name] for name in names if name in node.named}
