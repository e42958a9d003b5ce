"""The table of nodes that may be fused names nodes that there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from executor.renderer.config import Config
from executor.renderer.nodes.table import all_nodes
from tools.fusion.pictures import NODES
from tools.recorded import reference


@pytest.mark.parametrize("name", sorted(NODES))
def test_a_node_of_the_table_is_one_of_comfyui_or_of_our_renderer(name: str) -> None:
    """A misspelt one would match no graph, and so be of no use without anything failing."""
    own = {node.name for node in all_nodes(Config(Path("unused"), upscalers=("any.pth",)))}
    assert name in own or any(name in info for info in reference().values())
