"""Weights, their sizes and what memory they need: facts out of notes, names and totals."""

from __future__ import annotations

import pytest

from tools.model import MediaKind, ModelFile
from tools.templates import sizes, vram
from tools.templates.bases import base_of
from tools.templates.package import Template
from tools.templates.sizes import FileSize
from tools.templates.weights import ancestors, needed, sources

GIB = 2**30


def loader(kind: str, name: str, folder: str, **more: object) -> dict[str, object]:
    url = f"https://huggingface.co/Comfy-Org/z_image/resolve/main/{name}?download=true"
    entry = {"name": name, "url": url, "directory": folder}
    return {"id": 1, "type": kind, "properties": {"models": [entry]}, **more}


def template(*nodes: dict[str, object], subgraphs: tuple[dict[str, object], ...] = (), **entry: object) -> Template:
    ui = {"nodes": list(nodes), "definitions": {"subgraphs": list(subgraphs)}}
    return Template("t", {"name": "t", "title": "T", **entry}, {}, ui)


def test_a_size_in_brackets_is_binary_and_one_behind_a_dash_decimal() -> None:
    told = sizes.from_notes(
        ["- [a.safetensors](https://x/a.safetensors) (7.49 GB)", "- [b.safetensors](https://x/b) - 741 MB, smaller"]
    )

    assert told["a.safetensors"] == FileSize(round(7.49 * GIB))
    assert told["b.safetensors"] == FileSize(741_000_000)


def test_the_more_exact_of_two_notes_counts() -> None:
    told = sizes.from_notes(["[a.pth](u) (250 MB)", "[a.pth](u) (249.55 MB)", "[a.pth](u) (0.2 GB)"])

    assert told["a.pth"].bytes == round(249.55 * 2**20)


def test_the_only_unknown_file_of_a_template_is_what_its_total_leaves() -> None:
    known = {"a": FileSize(4 * GIB)}
    told = sizes.from_totals(known, [(10 * GIB, frozenset({"a", "b"})), (12 * GIB, frozenset({"a", "c", "d"}))])

    assert told == {"b": FileSize(6 * GIB, True)}


def test_a_total_that_contradicts_the_files_own_name_is_not_believed() -> None:
    assert sizes.from_totals({}, [(48 * GIB, frozenset({"gemma_3_12B_it.safetensors"}))]) == {}


@pytest.mark.parametrize(
    ("name", "folder", "billions"),
    [
        ("wan2.1_t2v_1.3B_fp16.safetensors", "diffusion_models", 2.6),
        ("flux-2-klein-9b-fp8.safetensors", "diffusion_models", 9.45),
        ("qwen_3_4b.safetensors", "text_encoders", 8.0),
    ],
)
def test_parameters_times_precision(name: str, folder: str, billions: float) -> None:
    assert sizes.from_name(name, folder) == FileSize(round(billions * 1e9), True)


def test_a_name_that_tells_nothing_gives_nothing() -> None:
    assert sizes.from_name("mystery.safetensors", "diffusion_models") is None


def model(folder: str, gib: float, name: str = "m.safetensors") -> ModelFile:
    return ModelFile(file=name, folder=folder, bytes=round(gib * GIB))


@pytest.mark.parametrize(
    ("what", "models", "kind", "low", "high"),
    [
        ("SDXL", [model("checkpoints", 6.46)], MediaKind.IMAGE, 7, 9),
        ("FLUX.1 dev fp8", [model("checkpoints", 16.05)], MediaKind.IMAGE, 15, 17),
        ("Wan 14B fp8, two experts", [model("diffusion_models", 13.3), model("diffusion_models", 13.3),
                                      model("text_encoders", 6.3), model("loras", 1.1)], MediaKind.VIDEO, 20, 24),
        ("Z-Image-Turbo", [model("diffusion_models", 11.46), model("text_encoders", 7.5)], MediaKind.IMAGE, 14, 16),
        ("a large text encoder decides", [model("diffusion_models", 4), model("text_encoders", 16)], MediaKind.IMAGE, 17, 17),
        ("a small network", [model("background_removal", 0.4)], MediaKind.IMAGE, 1, 2),
    ],
)  # fmt: skip
def test_memory_of_known_models(what: str, models: list[ModelFile], kind: MediaKind, low: float, high: float) -> None:
    found = vram.needed_gb(models, kind)

    assert found is not None
    assert low <= found <= high, what


def test_memory_is_unknown_where_no_size_is() -> None:
    assert vram.needed_gb([], MediaKind.IMAGE) is None
    assert vram.needed_gb([ModelFile(file="a", folder="vae")], MediaKind.IMAGE) is None


def test_what_is_switched_off_asks_for_nothing() -> None:
    inner: dict[str, object] = {"id": "sub", "nodes": [loader("VAELoader", "inner.safetensors", "vae")]}
    one = template(
        loader("UNETLoader", "on.safetensors", "diffusion_models"),
        loader("UNETLoader", "muted.safetensors", "diffusion_models", mode=2),
        loader("UNETLoader", "bypassed.safetensors", "diffusion_models", mode=4),
        {"id": 9, "type": "sub", "mode": 4},
        subgraphs=(inner,),
    )

    assert [file.file for file in needed(one, None, sources([one]))] == ["on.safetensors"]


def test_a_file_that_no_list_names_is_found_through_its_loader() -> None:
    graph = {
        "1": {"class_type": "CLIPVisionLoader", "inputs": {"clip_name": "sig.safetensors"}},
        "2": {"class_type": "UpscaleModelLoader", "inputs": {"model_name": "sub/up.pth"}},
        "3": {"class_type": "Join", "inputs": {"a": ["1", 0], "b": ["2", 0]}},
        "4": {"class_type": "VAELoader", "inputs": {"vae_name": "unused.safetensors"}},
    }
    one = template()

    found = {(file.folder, file.file) for file in needed(one, graph, sources([one]), ["3"])}

    assert found == {("clip_vision", "sig.safetensors"), ("upscale_models", "sub/up.pth")}
    assert ancestors(graph, ["3"]) == ["3", "1", "2"]


def test_a_file_carries_address_licence_and_size() -> None:
    one = template(
        loader("UNETLoader", "z.safetensors", "diffusion_models"),
        {"type": "MarkdownNote", "widgets_values": ["[z.safetensors](u) (2.00 GB)"]},
    )

    (file,) = needed(one, None, sources([one]))

    assert file.url == "https://huggingface.co/Comfy-Org/z_image/resolve/main/z.safetensors"
    assert (file.licence, file.bytes, file.estimated) == ("Apache-2.0", 2 * GIB, False)


@pytest.mark.parametrize(
    ("file", "base"),
    [
        ("sd_xl_base_1.0.safetensors", "sdxl"), ("flux1-dev-fp8.safetensors", "flux1"),
        ("flux2_dev_fp8mixed.safetensors", "flux2"),
        ("flux-2-klein-base-4b-fp8.safetensors", "flux2-klein-4b"), ("qwen_image_edit_2511_bf16.safetensors", "qwen-image-edit"),
        ("qwen_image_2512_fp8_e4m3fn.safetensors", "qwen-image"), ("Wan2_1-I2V-14B-480p_fp8.safetensors", "wan2.1"),
        ("wan2.2_ti2v_5B_fp16.safetensors", "wan2.2-5b"), ("wan2.2_i2v_low_noise_14B_fp8.safetensors", "wan2.2-14b"),
        ("ltx-2.3-22b-dev-fp8.safetensors", "ltx2.3"), ("acestep_v1.5_turbo.safetensors", "ace-step-1.5"),
        ("wan_animate_2_int8.safetensors", "wan-animate"), ("anima-base-v1.0.safetensors", "anima"),
        ("mystery.safetensors", None),
    ],
)  # fmt: skip
def test_the_base_is_read_from_the_main_model(file: str, base: str | None) -> None:
    assert base_of([model("diffusion_models", 5, file), model("checkpoints", 9, "sam3.1.safetensors")]) == base
