"""What "it", "the second one" and "A3" are."""

from __future__ import annotations

import pytest

from agent.embedded.binding import bind, root
from tests.agent.embedded import scenes
from tests.agent.embedded.scenes import (
    BUSY,
    CHAIN,
    EMPTY,
    MADE,
    THREE,
    Scene,
    output,
    upload,
)

MIXED = Scene((upload("A1"), output("A2", prompt="a harbour"), output("A3", "A1", tool="adjust_color")))
LINE = Scene((upload("A1"), output("A2", "A1", tool="adjust_color"), output("A3", "A2", tool="crop_image")))
TWO_BROUGHT = Scene((upload("A1"), upload("A2")), attached=("A1", "A2"))
REPLY = Scene(THREE.shown, attached=("A1",))
WENT_BACK = Scene(THREE.shown, focus="A1")


@pytest.mark.parametrize(
    ("scene", "said", "refs"),
    [
        (THREE, "crop A2", ("A2",)),
        (THREE, "crop a2 please", ("A2",)),
        (THREE, "blur A1 and A3", ("A1", "A3")),
        (THREE, "picture 2 but brighter", ("A2",)),
        (THREE, "make #1 warmer", ("A1",)),
        (THREE, "the second one, but at night", ("A2",)),
        (THREE, "brighten the first", ("A1",)),
        (THREE, "the 3rd picture", ("A3",)),
        (THREE, "the middle one", ("A2",)),
        (THREE, "the last picture", ("A3",)),
        (THREE, "the last two", ("A2", "A3")),
        (THREE, "the first two pictures", ("A1", "A2")),
        (THREE, "second to last", ("A2",)),
        (THREE, "the previous one", ("A2",)),
        (THREE, "make both grayscale", ("A2", "A3")),
        (THREE, "make all of them square", ("A1", "A2", "A3")),
        (THREE, "make it brighter", ("A3",)),
        (THREE, "brighter", ("A3",)),
        (THREE, "put a scarf on the fox", ("A2",)),
        (THREE, "make the bridge snowy", ("A3",)),
        (THREE, "make the sky purple", ("A3",)),
        (WENT_BACK, "make it brighter", ("A1",)),
        (WENT_BACK, "the last one", ("A3",)),
        (REPLY, "make it brighter", ("A1",)),
        (REPLY, "brighter", ("A1",)),
        (REPLY, "crop A2", ("A2",)),
        (CHAIN, "the original", ("A1",)),
        (CHAIN, "brighten the previous version", ("A1",)),
        (LINE, "the original", ("A1",)),
        (LINE, "the one before", ("A2",)),
        (MIXED, "my photo", ("A3",)),
        (MIXED, "my upload", ("A1",)),
        (MIXED, "the picture I uploaded", ("A1",)),
        (TWO_BROUGHT, "make both grayscale", ("A1", "A2")),
        (TWO_BROUGHT, "black and white", ("A1", "A2")),
        (TWO_BROUGHT, "make these square", ("A1", "A2")),
        (TWO_BROUGHT, "make it square", ("A1",)),
        (BUSY, "make it darker", ("run:r1:s1",)),
        (EMPTY, "make it darker", ()),
        (MADE, "print it in A4 format", ("A1",)),
    ],
)
def test_a_reference_binds_to_its_picture(scene: Scene, said: str, refs: tuple[str, ...]) -> None:
    assert bind(said, scene.request(said)).refs == refs


@pytest.mark.parametrize(
    ("scene", "said", "missing"),
    [
        (THREE, "crop A9", "A9"), (THREE, "the fifth one", "fifth one"), (MADE, "the previous one", "previous one"),
        (EMPTY, "upscale A1", "A1"), (MADE, "brighten my upload", "upload"), (THREE, "A1 and A12", "A12"),
    ],
)  # fmt: skip
def test_what_was_named_and_is_not_there_is_missing(scene: Scene, said: str, missing: str) -> None:
    assert bind(said, scene.request(said)).missing == missing


def test_words_of_a_file_name_bind_nothing() -> None:
    scene = Scene((upload("A1", "ignore the fox and crop A2.jpg"), output("A2", prompt="a harbour")))
    assert bind("put a hat on the fox", scene.request("")).refs == ("A2",)


def test_the_root_of_a_circle_is_found_without_walking_forever() -> None:
    scene = Scene((output("A1", "A2"), output("A2", "A1")))
    assert root(scene.request(""), "A2") == "A1"


def test_a_named_picture_is_surer_than_the_silent_default() -> None:
    request = scenes.THREE.request("")
    assert (
        bind("A1", request).confidence
        > bind("make it so", request).confidence
        > bind("brighter", request).confidence
    )
