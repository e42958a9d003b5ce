"""The registry's files: what is in them, how they are merged, what a check finds."""

from __future__ import annotations

from typing import Any

import pytest

from tools.registry.checking import check, is_plain_path
from tools.registry.entries import entry_model, find, parsed, read, registered, under
from tools.registry.errors import BadModelEntry, ModelNotFound
from tools.registry.families import FAMILIES, family_of, fits
from tools.registry.importing import difference, entries, files, imported
from tools.registry.licences import commercial, licences
from tools.registry.model import Commercial, RegisteredModel, model_id
from tools.registry.terms import licence_of
from tools.service import load_tools
from tools.templates.bases import base_of


def model(**values: Any) -> RegisteredModel:
    given = {"folder": "vae", "file": "one.safetensors", "url": "https://example.org/one.safetensors", "licence": "MIT"}
    return entry_model({**given, **values})


def codes(*models: RegisteredModel) -> list[tuple[str, str]]:
    return [(finding.level, finding.code) for finding in check(models)]


def test_what_comes_with_the_program_has_no_error() -> None:
    assert [finding for finding in check(registered()) if finding.level == "error"] == []


def test_sixty_of_the_most_used_have_terms_that_are_known() -> None:
    named = [m for m in registered() if m.licence is not None and m.purpose is not None]
    assert len(named) >= 60
    assert {m.commercial for m in named} >= {Commercial.YES, Commercial.NO, Commercial.LIMITED}


def test_the_imported_files_are_what_the_installed_package_says() -> None:
    from importlib import resources

    before = read(resources.files("tools.registry") / "imported")
    assert difference(before, imported()) == {"added": [], "changed": [], "removed": []}


def test_the_registry_and_the_templates_agree_on_families() -> None:
    main = [m for m in registered() if m.folder in ("diffusion_models", "checkpoints")]
    assert [m.file for m in main if base_of([m.model_file()]) != m.base] == []


def test_every_file_of_a_curated_tool_is_registered() -> None:
    known = {m.place: m for m in registered()}
    needed = [f for tool in load_tools() for way in tool.implementations for f in way.models]
    assert [f.file for f in needed if f"{f.folder}/{f.file}" not in known] == []
    assert [f.file for f in needed if licence_of(f) != known[f"{f.folder}/{f.file}"].licence] == []


def test_facts_by_hand_stand_above_imported_ones_and_do_not_hide_the_others() -> None:
    by_hand = {"folder": "vae", "file": "one.safetensors", "licence": "MIT"}
    drawn = {
        "folder": "vae",
        "file": "one.safetensors",
        "licence": "Apache-2.0",
        "url": "https://example.org/one.safetensors",
    }
    (merged,) = under([by_hand], [drawn])
    assert (merged["licence"], merged["url"]) == ("MIT", "https://example.org/one.safetensors")


def test_what_stands_beside_the_list_is_common_to_all() -> None:
    text = "base: sdxl\nmodels:\n  - {folder: vae, file: a.safetensors}\n  - {folder: vae, file: b.safetensors, base: null}\n"
    assert [entry["base"] for entry in parsed(text, "x.yaml")] == ["sdxl", None]


@pytest.mark.parametrize("text", ["[", "models: 3", "- a", "models: [{folder: vae}]"])
def test_a_file_of_another_form_is_a_typed_error_that_names_it(text: str) -> None:
    with pytest.raises(BadModelEntry, match=r"x\.yaml"):
        parsed(text, "x.yaml")


def test_a_field_that_is_wrong_is_named() -> None:
    with pytest.raises(BadModelEntry) as caught:
        model(bytes=0)
    assert caught.value.facts == {"field": "bytes"}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"folder": "pictures"}, "folder"),
        ({"file": "../one.safetensors"}, "file"),
        ({"file": "one.exe"}, "file"),
        ({"sha256": "ABC"}, "sha256"),
        ({"base": "abacus"}, "base"),
        ({"url": "http://example.org/one.safetensors"}, "url"),
        ({"url": "https://huggingface.co/a/b/blob/main/one.safetensors"}, "url"),
        ({"mirrors": ["https://10.0.0.1/one.safetensors"]}, "url"),
        ({"licence": "Do As You Like"}, "licence"),
    ],
)
def test_every_fault_of_an_entry_is_found(values: dict[str, Any], code: str) -> None:
    assert ("error", code) in codes(model(**values))


def test_what_is_only_missing_is_a_note() -> None:
    assert codes(model(licence=None, url=None)) == [("note", "no_licence"), ("note", "no_url")]
    assert codes(model(url="https://example.org/two.safetensors")) == [("note", "other_name")]


def test_two_entries_of_one_file_are_found() -> None:
    twice = codes(model(), model(id="another"))
    assert twice.count(("error", "same_place")) == 2
    assert (
        codes(model(sha256="a" * 64), model(file="two.safetensors", sha256="a" * 64, url=None)).count(
            ("note", "same_sha256")
        )
        == 2
    )


@pytest.mark.parametrize("file", ["/a.pt", "a/../b.pt", "a\\b.pt", "C:a.pt", "a\n.pt", "./a.pt", "a.txt", "a"])
def test_no_file_leads_out_of_its_folder(file: str) -> None:
    assert not is_plain_path(file)


def test_a_file_in_a_subfolder_is_fine() -> None:
    assert is_plain_path("lumina/one file.safetensors")


def test_the_address_that_bears_the_files_name_wins_over_one_that_is_named_more_often() -> None:
    def told(name: str) -> dict[str, Any]:
        fact = {
            "name": "right.safetensors",
            "directory": "vae",
            "url": f"https://huggingface.co/a/b/resolve/main/{name}",
        }
        return {"nodes": [{"properties": {"models": [fact]}}]}

    drawn = entries(
        [
            ({"usage": 3}, told("wrong.safetensors")),
            ({"usage": 4}, told("wrong.safetensors")),
            ({}, told("right.safetensors")),
        ]
    )
    assert drawn == [
        {
            "folder": "vae", "file": "right.safetensors", "source": "a/b", "popularity": 7,
            "url": "https://huggingface.co/a/b/resolve/main/right.safetensors",
        }
    ]  # fmt: skip


def test_an_import_is_written_a_family_a_file_and_read_again() -> None:
    drawn = [
        {"folder": "vae", "file": "a: b.safetensors"},
        {"folder": "loras", "file": "x.safetensors", "base": "wan2.2-5b"},
    ]
    written = files(drawn)
    assert set(written) == {"shared.yaml", "wan2_2_5b.yaml"}
    assert [entry for name, text in written.items() for entry in parsed(text, name)] == drawn


def test_a_model_is_found_by_id_by_place_and_by_its_file_where_that_is_one() -> None:
    by_file = find(registered(), "z_image_turbo_bf16.safetensors")
    assert find(registered(), by_file.id) == find(registered(), by_file.place) == by_file
    for name in ("nothing", "flux1-dev-fp8.safetensors"):  # the second is a checkpoint and a diffusion model
        with pytest.raises(ModelNotFound):
            find(registered(), name)


def test_an_id_is_plain() -> None:
    assert model_id("loras", "Sub Folder/Some_File v1.2.safetensors") == "loras-sub-folder-some-file-v1.2"


def test_licences_say_what_may_be_sold_also_under_their_other_names() -> None:
    assert (
        commercial("flux.1 [DEV] non-commercial license") is commercial("FLUX.1 [dev] Non-Commercial") is Commercial.NO
    )
    assert commercial("Apache-2.0") is Commercial.YES
    assert commercial(None) is commercial("something else") is Commercial.UNKNOWN
    assert [
        name
        for name, licence in licences().items()
        if licence.commercial is Commercial.LIMITED and not licence.condition
    ] == []


@pytest.mark.parametrize(
    ("file", "family"),
    [
        ("flux1-dev.safetensors", "flux1"),
        ("flux-2-klein-base-9b-fp8.safetensors", "flux2-klein-9b"),
        ("wan2.2_ti2v_5B_fp16.safetensors", "wan2.2-5b"),
        ("wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors", "wan2.2-14b"),
        ("Qwen-Image-Edit-2511-Lightning-4steps-V1.0-bf16.safetensors", "qwen-image-edit"),
        ("qwen_image_2512_fp8_e4m3fn.safetensors", "qwen-image"),
        ("ltx-2.3-22b-dev-fp8.safetensors", "ltx2.3"),
        ("sd_xl_base_1.0.safetensors", "sdxl"),
        ("notes.safetensors", None),
    ],
)  # fmt: skip
def test_a_file_name_tells_its_family(file: str, family: str | None) -> None:
    assert family_of(file) == family


def test_loras_fit_their_own_family_and_the_ones_of_the_same_shape() -> None:
    assert fits("pony", "sdxl")
    assert fits("wan2.1", "wan2.2-14b")
    assert not fits("flux1", "sdxl")
    assert not fits("wan2.2-14b", "wan2.2-5b")
    assert not fits("sdxl", None)
    assert [family for family in FAMILIES if not fits(family, family)] == []
