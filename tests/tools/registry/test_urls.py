"""Which addresses are taken, and the one form in which they are kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.registry.errors import BadModelEntry, BadModelUrl, ModelExists
from tools.registry.model import Commercial
from tools.registry.proposing import proposal
from tools.registry.urls import file_name, is_public_name, normalised, publisher

FILE = "https://huggingface.co/owner/repository/resolve/main/loras/style.safetensors"


@pytest.mark.parametrize(
    ("given_url", "kept"),
    [
        (FILE, FILE),
        (f"{FILE}?download=true", FILE),
        (FILE.replace("/resolve/", "/blob/"), FILE),
        (FILE.replace("huggingface.co", "HuggingFace.co"), FILE),
        ("https://civitai.com/models/12/some-style?modelVersionId=345", "https://civitai.com/api/download/models/345"),
        (
            "https://civitai.com/api/download/models/345?type=Model",
            "https://civitai.com/api/download/models/345?type=Model",
        ),
        ("https://example.org:443/a.pt#part", "https://example.org/a.pt"),
    ],
)
def test_an_address_has_one_form(given_url: str, kept: str) -> None:
    assert normalised(given_url) == kept
    assert normalised(kept) == kept


@pytest.mark.parametrize(
    "url",
    [
        "", "nonsense", "ftp://example.org/a.pt", "http://example.org/a.pt", "file:///etc/passwd", "https:///a.pt",
        "https://localhost/a.pt", "https://printer/a.pt", "https://127.0.0.1/a.pt", "https://[::1]/a.pt", "https://10.1.2.3/a.pt",
        "https://169.254.169.254/a.pt", "https://2130706433/a.pt", "https://0x7f.1/a.pt", "https://metadata.google.internal/a.pt",
        "https://router.local/a.pt", "https://name:word@example.org/a.pt", "https://name@example.org/a.pt",
        "https://example.org:8443/a.pt", "https://example.org:no/a.pt", "https://example.org/a.pt?token=abc",
        "https://example.org/a.pt?X-Amz-Signature=abc", "https://example.org/a b.pt", "https://exämple.org/a.pt",
        "https://example.org\\@evil.org/a.pt", "https://huggingface.co/owner/repository", "https://civitai.com/models/12",
        "https://civitai.com/models/12?modelVersionId=x", "https://" + "a" * 3000 + ".org/a.pt",
    ],
)  # fmt: skip
def test_whatever_is_no_public_file_is_refused(url: str) -> None:
    with pytest.raises(BadModelUrl) as caught:
        normalised(url)
    assert "abc" not in str(caught.value.as_dict())


@given(st.text(max_size=60))
def test_anything_is_kept_in_its_form_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://example.org/{text}"):
        try:
            kept = normalised(url)
        except BadModelUrl:
            continue
        assert normalised(kept) == kept
        assert kept.startswith("https://")


@given(st.ip_addresses())
def test_no_bare_address_of_a_machine_is_public(address: object) -> None:
    assert not is_public_name(str(address))
    assert not is_public_name(f"[{address}]")


def test_names_are_read_from_addresses() -> None:
    assert file_name(FILE) == "style.safetensors"
    assert file_name("https://civitai.com/api/download/models/345") is None
    assert publisher(FILE) == "owner/repository"
    assert publisher("https://example.org/a.pt") == "example.org"


def test_a_proposal_reads_from_the_address_what_is_not_said() -> None:
    made = proposal("https://huggingface.co/o/flux1-styles/blob/main/loras/ink.safetensors", ())
    assert (made.place, made.base, made.source) == ("loras/ink.safetensors", "flux1", "o/flux1-styles")
    assert (made.state, made.commercial) == ("proposed", Commercial.UNKNOWN)


def test_what_is_said_stands_above_the_address() -> None:
    made = proposal(
        "https://civitai.com/models/1?modelVersionId=2",
        (),
        folder="loras",
        file="ink.safetensors",
        base="sdxl",
        licence="MIT",
    )
    assert (made.place, made.base, made.commercial) == ("loras/ink.safetensors", "sdxl", Commercial.YES)


@pytest.mark.parametrize(
    "facts",
    [
        {"folder": None},
        {"folder": "windows"},
        {"base": "abacus"},
        {"licence": "Mine"},
        {"sha256": "12"},
        {"file": "../../x.pt"},
    ],
)
def test_a_proposal_that_makes_no_sense_says_why(facts: dict[str, str | None]) -> None:
    with pytest.raises(BadModelEntry) as caught:
        proposal("https://example.org/x.safetensors", (), **{"folder": "loras", **facts})
    assert caught.value.next_step


def test_a_file_without_a_name_asks_for_one_and_a_known_file_is_not_added_again() -> None:
    with pytest.raises(BadModelUrl):
        proposal("https://civitai.com/models/1?modelVersionId=2", (), folder="loras")
    with pytest.raises(ModelExists):
        proposal(FILE, {"loras/style.safetensors"})
