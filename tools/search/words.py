"""Texts as tokens. A name is found however it is written: `wan2.2`, `Wan 2.2`; `z-image`, `zimage`. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_ATOM = re.compile(r"\d+(?:\.\d+)+|\d+[^\W\d_]*|[^\W\d_]+")
_VERSION = re.compile(r"(?<=[^\W\d_])(?=\d)")
_STOPWORDS = """
    a an the this that these those it its is are was were be been am i im ive id me my mine we our us you your u he
    him his she her they them their of to in on at by for from with without and or but so as if then than into onto
    over up down out off do does did done can could would should will shall may might must let lets want wants need
    needs give gives gave get gets got have has had please pls some any one ones thing things just only really very
    here there what which who whom how why where when like make makes made making use using used try via not no yes
    ok okay also too again more most all each
"""
STOPWORDS = frozenset(_STOPWORDS.split())
SPOKEN_ALIKE = {
    "stable diffusion xl": "sdxl", "stable diffusion": "sd", "sd xl": "sdxl", "colour": "color", "colours": "colors",
    "grey": "gray", "favourite": "favorite", "vid": "video", "vids": "video", "pic": "picture", "pics": "pictures",
    "img": "image", "imgs": "images", "bg": "background", "txt2img": "text to image", "img2img": "image to image",
    "img2vid": "image to video", "image2video": "image to video", "txt2vid": "text to video",
    "text2video": "text to video", "text2image": "text to image", "t2i": "text to image", "i2i": "image to image",
    "i2v": "image to video", "t2v": "text to video", "v2v": "video to video", "text2music": "text to music",
    "slowmo": "slow motion", "slo mo": "slow motion", "hunyuan 3d": "hunyuan3d", "sing along": "sing",
    "hi res": "high resolution", "hires": "high resolution",
}  # fmt: skip
"""What people write for the same thing: whole words, the longest first."""
_ALIKE = re.compile(r"(?<!\w)(?:" + "|".join(sorted(map(re.escape, SPOKEN_ALIKE), key=len, reverse=True)) + r")(?!\w)")


def plain(text: str) -> str:
    """Small letters, one form of each character, and one word for what is said in several."""
    lowered = unicodedata.normalize("NFKC", text).lower().replace("'", "").replace("\u2019", "")
    return _ALIKE.sub(lambda found: SPOKEN_ALIKE[found[0]], lowered)


def atoms(text: str) -> list[str]:
    """The words of a plain text, cut where letters meet a number: `wan2.2` is `wan`, `2.2`; `3d` stays whole."""
    return _ATOM.findall(_VERSION.sub(" ", text))


def tokens(text: str) -> list[str]:
    """What a text is searched by: the stems of its words, without the empty ones."""
    return [stem(atom) for atom in atoms(plain(text)) if atom not in STOPWORDS and not _is_digit(atom)]


def _is_digit(atom: str) -> bool:
    return len(atom) == 1 and atom.isdigit()


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The part that a word shares with its other forms: animate, animates, animated, animating -> animat."""
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    for ending, least, rest in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            return _undoubled(word[: len(word) - len(ending)] + rest)
    return word


_ENDINGS = (
    ("ations", 3, "at"), ("ation", 3, "at"), ("ators", 3, "at"), ("ator", 3, "at"), ("ingly", 3, ""), ("ings", 3, ""),
    ("ing", 3, ""), ("iest", 3, "y"), ("ies", 2, "y"), ("ied", 2, "y"), ("ier", 3, "y"), ("ers", 4, ""), ("ed", 3, ""),
    ("er", 4, ""), ("es", 3, ""), ("ss", 2, "ss"), ("s", 3, ""), ("e", 3, ""),
)  # fmt: skip


def _undoubled(word: str) -> str:
    """`cropp` -> `crop`; but `fill` and `press` keep theirs."""
    doubled = len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz"
    return word[:-1] if doubled else word
