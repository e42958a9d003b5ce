"""Real ComfyUI takes what is joined: what draws with all that changes, and the reverse, held against a recorded server."""

from __future__ import annotations

from typing import Any

from tools.errors import BadInput
from tools.fusion.joining import Joining, fits
from tools.fusion.model import NotFusable, Part, Taken
from tools.graph import node_classes
from tools.model import Capabilities, Implementation, MediaKind, Size, Tool
from tools.recorded import newest
from tools.service import build_graph, load_tools
from tools.validation.validating import validate

INFO = newest()
TOOLS = {tool.name: tool for tool in load_tools()}
SERVER = Capabilities(frozenset(INFO), {"checkpoints": frozenset({"a.safetensors"}), "upscale_models": frozenset({"b.pth"})})
UPLOAD, PIXELS = "example.png", Size(1024, 768)


def real(tool: Tool) -> Implementation | None:
    """The tool's graph for a server without nodes of ours."""
    return next((each for each in tool.implementations if node_classes(each) <= SERVER.nodes), None)


def pictures(tool: Tool, side: str) -> list[str]:
    return [name for name, port in getattr(tool, side).items() if port.kind is MediaKind.IMAGE]


MAKERS = sorted(name for name, tool in TOOLS.items() if real(tool) and pictures(tool, "outputs"))
TAKERS = sorted(name for name, tool in TOOLS.items() if real(tool) and pictures(tool, "inputs"))


def part(name: str, given: Any, size: Size | None, number: int) -> Part:
    tool = TOOLS[name]
    implementation = real(tool)
    assert implementation is not None
    params = {n: "something" for n, spec in tool.params.items() if spec.required and spec.type == "string"}
    ports = {port: [UPLOAD] for port, spec in tool.inputs.items() if spec.count[0]}
    sizes = {port: PIXELS for port in ports}
    if given is not None:
        ports |= {(first := pictures(tool, "inputs")[0]): [given]}
        sizes = {port: known for port, known in (sizes | {first: size}).items() if known}
    made = build_graph(tool, implementation, params, ports, sizes, SERVER, f"step{number}")
    return Part(made.graph, made.outputs)


def joined(maker: str, taker: str) -> Joining:
    """Raises NotFusable; BadInput where the size of what is between is not known."""
    joining = Joining(SERVER.nodes, {UPLOAD: PIXELS})
    joining.add(0, part(maker, None, None, 0))
    taken = Taken(0, pictures(TOOLS[maker], "outputs")[0])
    joining.add(1, part(taker, taken, joining.picture(taken).size, 1))
    return joining


def refused(graph: Any) -> set[tuple[str, str | None]]:
    return {(fault.code, fault.input) for fault in validate(graph, INFO)}


PAIRS = [*(("text_to_image", taker) for taker in TAKERS), *((maker, "crop_image") for maker in MAKERS)]


def test_the_server_takes_the_whole_as_it_takes_the_parts() -> None:
    taken = 0
    for maker, taker in PAIRS:
        try:
            joining = joined(maker, taker)
        except (NotFusable, BadInput):
            continue  # this pair stays with files
        apart = refused(dict(part(maker, None, None, 0).graph)) | refused(dict(part(taker, None, None, 1).graph))
        assert refused(joining.joined().graph) <= apart, (maker, taker)
        assert refused(joining.fused().graph) <= apart, (maker, taker)
        taken += 1
    assert taken > len(PAIRS) * 0.7


def test_most_pictures_of_the_catalogue_go_on_without_a_file() -> None:
    """What templates tell is what binding finds, and the usual chains are among them."""
    for maker in ("text_to_image", "z_image_turbo", "flux_dev", "edit_image", "upscale_image", "resize_image"):
        for taker in ("upscale_image", "crop_image", "edit_image", "image_to_image", "wan_2_2_image_to_video"):
            made, used = real(TOOLS[maker]), real(TOOLS[taker])
            assert made is not None
            assert used is not None
            assert fits(made.graph, made.outputs["image"], used.graph, "image"), (maker, taker)
