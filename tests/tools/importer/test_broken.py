"""Graphs of strangers: whatever is broken in one, it is traced or refused with a reason."""

from __future__ import annotations

from copy import deepcopy
from random import Random
from typing import Any

import pytest

from tests.tools.importer.measuring import graphs, newest
from tests.untraced import EXHAUSTIVE
from tools.errors import BadWorkflow
from tools.graph import Graph
from tools.importer.tracing import trace

pytestmark = EXHAUSTIVE

ODD: tuple[Any, ...] = (
    None,
    True,
    "x",
    -1,
    float("inf"),
    float("nan"),
    {"a": 1},
    [1, 2, 3],
    [],
    ["nope", 0],
    0,
    "",
    "$a",
)


def broken(graph: Graph, chance: Random) -> Graph:
    """The graph with a few inputs lost, given nonsense or another link, and nodes lost or of no known class."""
    graph = deepcopy(graph)
    for _ in range(chance.randint(1, 6)):
        node = chance.choice(list(graph))
        inputs = graph[node]["inputs"]
        kind = chance.choice(("lose", "odd", "link", "drop", "unknown"))
        if kind == "drop" and len(graph) > 3:
            del graph[node]
        elif kind == "unknown":
            graph[node]["class_type"] = "NodeOfNobody"
        elif inputs:
            name = chance.choice(list(inputs))
            if kind == "lose":
                del inputs[name]
            elif kind == "odd":
                inputs[name] = chance.choice(ODD)
            else:
                inputs[name] = [chance.choice(list(graph)), chance.randint(0, 3)]
    return graph


@pytest.mark.parametrize("seed", range(4))
def test_a_broken_graph_is_traced_or_refused(seed: int) -> None:
    chance, refused = Random(seed), 0
    for _ in range(60):
        graph = broken(chance.choice(list(graphs().values())), chance)
        try:
            assert trace(graph, newest()).output_nodes
        except BadWorkflow:
            refused += 1

    assert refused < 60
