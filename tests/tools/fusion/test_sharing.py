"""Equal nodes become one, and nothing that is asked for changes."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tools.fusion.sharing import shared

Nodes = dict[str, dict[str, Any]]


@st.composite
def graphs(draw: st.DrawFn) -> Nodes:
    """Few classes and values, so that much is equal; links lead to earlier nodes, the order of the keys is any."""
    made: Nodes = {}
    for number in range(draw(st.integers(1, 12))):
        links = st.sampled_from(sorted(made)).map(lambda key: [key, 0]) if made else st.nothing()
        inputs = draw(st.dictionaries(st.sampled_from("ab"), links | st.integers(0, 1) | st.just("x"), max_size=2))
        made[str(number)] = {"class_type": draw(st.sampled_from("KL")), "inputs": inputs}
    return {key: made[key] for key in draw(st.permutations(sorted(made)))}


def meaning(graph: Nodes, node_id: str) -> Any:
    """A node with everything that flows into it, without names."""
    node = graph[node_id]
    inputs = {n: ["from", meaning(graph, v[0]), v[1]] if isinstance(v, list) else v for n, v in node["inputs"].items()}
    return [node["class_type"], inputs]


def words(graph: Nodes) -> set[str]:
    return {json.dumps(meaning(graph, key), sort_keys=True) for key in graph}


@given(graphs(), st.data())
def test_what_is_kept_means_the_same_and_nothing_is_there_twice(graph: Nodes, data: st.DataObject) -> None:
    kept = data.draw(st.sets(st.sampled_from(sorted(graph))))
    made = shared(graph, kept)
    assert kept <= made.keys()
    assert all(meaning(made, key) == meaning(graph, key) for key in made)
    others = [json.dumps(meaning(made, key), sort_keys=True) for key in made if key not in kept]
    assert len(others) == len(set(others))
    assert shared(made, kept) == made
    assert words(graph) == words(made)
