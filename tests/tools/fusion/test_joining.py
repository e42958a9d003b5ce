"""One graph of several: who loads what another saves gets it without a file, where the file would have changed nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tools.fusion.joining import Joining, fits
from tools.fusion.model import NotFusable, Part, Taken, named, part_of
from tools.fusion.pictures import Picture
from tools.model import Size

NODES = frozenset({"ImageFromBatch", "ImageToMask"})
Node = dict[str, Any]


def node(kind: str, **inputs: Any) -> Node:
    return {"class_type": kind, "inputs": inputs}


def drawn(width: int = 64, height: int = 32, count: int = 1) -> Part:
    """What a sampler paints."""
    graph = {
        "4": node("CheckpointLoaderSimple", ckpt_name="a.safetensors"),
        "5": node("EmptyLatentImage", width=width, height=height, batch_size=count),
        "3": node("KSampler", model=["4", 0], latent_image=["5", 0], seed=1),
        "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
        "9": node("SaveImage", images=["8", 0], filename_prefix="x"),
    }
    return Part(graph, {"image": "9"})


def changed(kind: str, source: Any, **inputs: Any) -> Part:
    """What one node makes of a picture."""
    graph = {
        "1": node("LoadImage", image=source),
        "2": node(kind, image=["1", 0], **inputs),
        "9": node("SaveImage", images=["2", 0], filename_prefix="x"),
    }
    return Part(graph, {"image": "9"})


def joining(*parts: Part, nodes: frozenset[str] = NODES, files: dict[str, Size] | None = None) -> Joining:
    made = Joining(nodes, files or {})
    for number, part in enumerate(parts):
        made.add(number, part)
    return made


def test_the_second_takes_what_the_first_saves_and_both_are_saved() -> None:
    whole = joining(drawn(), changed("ImageInvert", Taken(0, "image"))).fused()
    assert "1:1" not in whole.graph
    assert whole.graph["1:2"] == node("ImageInvert", image=["0:8", 0])
    assert whole.outputs == {0: {"image": "0:9"}, 1: {"image": "1:9"}}
    assert [whole.graph[key]["class_type"] for key in ("0:9", "1:9")] == ["SaveImage", "SaveImage"]


def test_it_knows_what_the_second_gets() -> None:
    assert joining(drawn(64, 32)).picture(Taken(0, "image")) == Picture(Size(64, 32), 1)
    cropped = changed("ImageCrop", "p.png", width=50, height=50, x=20, y=0)
    assert joining(cropped, files={"p.png": Size(60, 40)}).picture(Taken(0, "image")).size == Size(40, 40)


def test_sides_that_a_latent_would_cut_are_not_known() -> None:
    assert joining(drawn(70, 32)).picture(Taken(0, "image")).size is None


def test_one_of_a_batch_is_picked() -> None:
    whole = joining(drawn(count=4), changed("ImageInvert", Taken(0, "image", 2))).fused()
    assert whole.graph["1:2"]["inputs"]["image"] == ["1:1.picked", 0]
    assert whole.graph["1:1.picked"] == node("ImageFromBatch", image=["0:8", 0], batch_index=2, length=1)


def test_of_a_batch_that_nobody_chose_from_the_first_is_taken() -> None:
    whole = joining(drawn(count=4), changed("ImageInvert", Taken(0, "image"))).fused()
    assert whole.graph["1:1.picked"]["inputs"]["batch_index"] == 0


INVERTED = changed("ImageInvert", Taken(0, "image"))
SHOWN = Part({**drawn().graph, "7": node("PreviewImage", images=["8", 0])}, {"image": "7"})
BEYOND_WHITE = changed("ImageScale", "p.png", upscale_method="bicubic", width=8, height=8)
KEPT_APART = {
    "past the batch": (drawn(count=4), changed("ImageInvert", Taken(0, "image", 4)), NODES),
    "cannot pick": (drawn(count=4), changed("ImageInvert", Taken(0, "image", 1)), frozenset[str]()),
    "transparent": (changed("StationThisCorners", "p.png"), INVERTED, NODES),
    "unknown node": (changed("SomethingNew", "p.png"), INVERTED, NODES),
    "beyond white": (BEYOND_WHITE, INVERTED, NODES),
    "no plain saver": (SHOWN, INVERTED, NODES),
    "own loader": (drawn(), Part({"1": node("LoadImageOutput", image=Taken(0, "image"))}, {}), NODES),
    "alpha": (drawn(), Part({"1": node("LoadImageMask", image=Taken(0, "image"), channel="alpha")}, {}), NODES),
    "mask": (drawn(), Part({"1": node("LoadImage", image=Taken(0, "image")), "2": node("X", mask=["1", 1])}, {}), NODES),
}


@pytest.mark.parametrize(("first", "second", "nodes"), KEPT_APART.values(), ids=KEPT_APART)
def test_what_a_file_might_change_stays_with_files(first: Part, second: Part, nodes: frozenset[str]) -> None:
    made = joining(first, nodes=nodes)
    with pytest.raises(NotFusable):
        made.add(1, second)
    assert len(made.fused().outputs) == 1


def test_a_mask_is_read_from_the_picture_itself() -> None:
    part = Part({"1": node("LoadImageMask", image=Taken(0, "image"), channel="red"), "2": node("X", mask=["1", 0])}, {})
    whole = joining(drawn(), part).fused()
    assert whole.graph["1:1"] == node("ImageToMask", image=["0:8", 0], channel="red")
    assert whole.graph["1:2"]["inputs"]["mask"] == ["1:1", 0]


def test_a_text_that_looks_like_a_place_for_a_picture_stays_a_text() -> None:
    words = Part({"1": node("Text", text=str(Taken(0, "image")))}, {})
    assert joining(drawn(), words).fused().graph["1:1"]["inputs"]["text"] == "0:image"


def test_a_circle_ends() -> None:
    circle = {"2": node("ImageInvert", image=["3", 0]), "3": node("ImageFlip", image=["2", 0])}
    circle["9"] = node("SaveImage", images=["3", 0])
    with pytest.raises(NotFusable):
        joining(Part(circle, {"image": "9"})).picture(Taken(0, "image"))


def test_templates_tell_what_could_be_joined() -> None:
    made, used = dict(drawn().graph), dict(changed("ImageInvert", "$image").graph)
    assert fits(made, "9", used, "image")
    assert not fits({**made, "8": node("Unknown")}, "9", used, "image")
    assert not fits(made, "9", {**used, "3": node("Inpaint", mask=["1", 1])}, "image")


@pytest.mark.parametrize(("name", "part"), [(named(3, "57:8"), 3), ("9", None), ("a:9", None), ("", None)])
def test_a_node_says_whose_it_is(name: str, part: int | None) -> None:
    assert part_of(name) == part
