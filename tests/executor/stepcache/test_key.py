"""What makes two steps the same work, as properties: whatever matters changes the key, whatever is only a name does not."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from executor.stepcache.facts import facts, known_files
from executor.stepcache.key import NotComparable, is_determined, secret_of, step_key
from tools.model import Capabilities, Size
from tools.registry.entries import entry_model
from tools.rules import choose_implementation
from tools.service import build_graph, load_tools

Graph = dict[str, dict[str, Any]]
SECRET = secret_of(b"an account's key")
TOOLS = {tool.name: tool for tool in load_tools()}
SHA, OTHER_SHA = "a" * 64, "b" * 64
WORDS = st.text(min_size=1, max_size=20)


def graph(seed: int = 7, prompt: str = "a lighthouse", checkpoint: str = "real.safetensors", picture: str = SHA) -> Graph:
    """A picture refined from words."""
    return {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": checkpoint}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["1", 1], "text": prompt}},
        "3": {"class_type": "LoadImage", "inputs": {"image": picture}},
        "4": {"class_type": "VAEEncode", "inputs": {"pixels": ["3", 0], "vae": ["1", 2]}},
        "5": {"class_type": "KSampler", "inputs": {"model": ["1", 0], "positive": ["2", 0], 
             "latent_image": ["4", 0], "seed": seed}},
        "6": {"class_type": "SaveImage", "inputs": {"images": ["5", 0], "filename_prefix": ""}},
    }  # fmt: skip


def key(made: Graph, *, secret: bytes = SECRET, tool: str = "sdxl", version: int = 1, port: str = "image", node: str = "6",
        files: dict[str, str] | None = None, sketch: bool = False) -> str:  # fmt: skip
    return step_key(secret, tool, version, made, {port: node}, files or {}, sketch=sketch)


def renamed(made: Graph, names: dict[str, str], order: random.Random) -> Graph:
    """The same graph with other node ids, and everything in another order."""
    def link(value: Any) -> Any:
        return [names[value[0]], value[1]] if isinstance(value, list) else value

    nodes = [(names[name], {**node, "inputs": {k: link(v) for k, v in node["inputs"].items()}}) for name, node in made.items()]
    order.shuffle(nodes)
    return {name: dict(reversed(node.items())) for name, node in nodes}


@given(st.permutations([str(n) for n in range(40, 46)]), st.randoms(use_true_random=False))
def test_names_of_nodes_and_the_order_of_keys_say_nothing(ids: list[str], order: random.Random) -> None:
    names = dict(zip(graph(), ids, strict=True))

    assert key(renamed(graph(), names, order), node=names["6"]) == key(graph())


@given(st.integers(0, 2**53), st.integers(0, 2**53))
def test_another_seed_is_another_step(one: int, other: int) -> None:
    assert (key(graph(seed=one)) == key(graph(seed=other))) is (one == other)


@given(WORDS, WORDS)
def test_other_words_are_another_step(one: str, other: str) -> None:
    assert (key(graph(prompt=one)) == key(graph(prompt=other))) is (one == other)


@pytest.mark.parametrize(
    "other",
    [
        key(graph(picture=OTHER_SHA)), key(graph(checkpoint="other.safetensors")), key(graph(), tool="flux_dev"),
        key(graph(), version=2), key(graph(), sketch=True), key(graph(), port="mask"), key(graph(), node="5"),
        key(graph(), files={"real.safetensors": "checkpoints:1"}), key(graph(), secret=secret_of(b"another account's key")),
        key({**graph(), "7": {"class_type": "ImageInvert", "inputs": {"image": ["5", 0]}}}),
    ],
)  # fmt: skip
def test_whatever_decides_what_comes_out_is_in_the_key(other: str) -> None:
    assert other != key(graph())


def test_another_version_of_a_weight_file_is_another_step() -> None:
    entry = {"file": "real.safetensors", "folder": "checkpoints", "id": "real",
             "url": "https://models.example/real.safetensors"}
    hashed = [known_files([entry_model({**entry, "sha256": digest})]) for digest in (SHA, OTHER_SHA)]
    sized = [known_files([entry_model({**entry, "bytes": size})]) for size in (1, 2)]

    assert len({key(graph(), files=files) for files in (*hashed, *sized, {})}) == 5


def test_a_weight_file_is_known_by_its_hash_before_its_size() -> None:
    entry = {"file": "real.safetensors", "folder": "checkpoints", "id": "real",
             "url": "https://models.example/real.safetensors", "sha256": SHA}

    assert known_files([entry_model({**entry, "bytes": 1})]) == known_files([entry_model({**entry, "bytes": 2})])


@given(WORDS, st.integers(0, 3))
def test_words_that_look_like_a_link_are_words(name: str, slot: int) -> None:
    made = graph()
    made["2"]["inputs"]["text"] = ["link", name, slot]

    assert key(made) != key(graph())


def test_two_inputs_that_change_places_are_another_step() -> None:
    made = graph()
    made["5"]["inputs"] |= {"positive": ["4", 0], "latent_image": ["2", 0]}

    assert key(made) != key(graph())


@pytest.mark.parametrize("broken", [{"1": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}}}, {}])
def test_a_graph_that_hangs_together_in_no_order_has_no_key(broken: Graph) -> None:
    with pytest.raises(NotComparable):
        key(broken, node="1")


def test_the_key_shows_nothing_of_what_it_was_made_of() -> None:
    assert len(key(graph())) == 64
    assert set(key(graph())) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    ("node", "determined"),
    [("KSampler", True), ("StationThisAdjust", True), ("WebcamCapture", False), ("RecordAudio", False), ("GptImage", False)],
)
def test_only_what_its_graph_decides_can_be_known_again(node: str, determined: bool) -> None:
    made: Graph = {**graph(), "9": {"class_type": node, "inputs": {}}}

    assert is_determined(made, facts().core) is determined


# --- over real tools


EVERYTHING = Capabilities(
    nodes=frozenset(facts().core | {"StationThisAdjustColor"}),
    models={folder: frozenset({"some.safetensors"}) for folder in ("checkpoints", "upscale_models", "loras")},
)  # fmt: skip


def bound_key(name: str, params: dict[str, Any], picture: str = SHA) -> str:
    tool = TOOLS[name]
    chosen = choose_implementation(tool, EVERYTHING, params)
    assert chosen is not None
    inputs = {port: [picture] for port in tool.inputs}
    bound = build_graph(tool, chosen, params, inputs, dict.fromkeys(tool.inputs, Size(640, 480)), EVERYTHING, "")
    return step_key(SECRET, tool.name, tool.version, bound.graph, bound.outputs, facts().files, sketch=False)


@given(st.integers(0, 2**32), st.sampled_from([512, 768, 1024]), st.integers(1, 40))
def test_every_parameter_that_a_person_sets_reaches_the_key(seed: int, width: int, steps: int) -> None:
    base = {"prompt": "a kite", "seed": seed, "width": width, "steps": steps, "height": 768}
    changes = ({"seed": seed + 1}, {"width": width + 64}, {"steps": steps + 1}, {"prompt": "a boat"}, {"height": 832})

    keys = {bound_key("text_to_image", {**base, **change}) for change in ({}, *changes)}

    assert len(keys) == 1 + len(changes)


def test_the_bytes_that_enter_reach_the_key() -> None:
    assert bound_key("resize_image", {"factor": 0.5}) != bound_key("resize_image", {"factor": 0.5}, OTHER_SHA)
    assert bound_key("resize_image", {"factor": 0.5}) != bound_key("resize_image", {"factor": 0.25})


def test_what_stands_at_its_default_may_be_left_out() -> None:
    defaults = {name: spec.default for name, spec in TOOLS["resize_image"].params.items() if spec.default is not None}

    assert bound_key("resize_image", {**defaults, "factor": 0.5}) == bound_key("resize_image", {"factor": 0.5})
