"""The words by which a person points at a picture. Pure patterns, shared by whoever binds and whoever reads."""

from __future__ import annotations

import re

THING = (
    r"(?:one|picture|image|photo|photograph|pic|version|variation|variant|option|result|render|upload|drawing|sketch|"
    r"painting|shot|file|attempt|copy|img)s?"
)
ORDINALS = {
    "first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3, "fifth": 4, "5th": 4,
    "sixth": 5, "6th": 5, "seventh": 6, "7th": 6, "eighth": 7, "8th": 7, "ninth": 8, "9th": 8, "tenth": 9, "10th": 9,
}  # fmt: skip
ORDINAL = "|".join(ORDINALS)

#: `A1`, but not the paper: `in A4 format`.
HANDLE = (
    r"\b[aA](?P<number>\d{1,4})\b(?!\s*(?:format|paper|size|sheet|poster|page|print|portrait|landscape)\b)"
)
REFERENCE = (
    rf"(?:[aA]\d{{1,4}}\b|\b(?:the|my|that|this) (?:(?:{ORDINAL}|last|latest|newest|other|original|previous|"
    rf"same|\w+) )?{THING}\b|"
    rf"\bthe (?:{ORDINAL}|original|previous)\b)"
)
PRONOUN = re.compile(
    rf"\b(?:it|its|this|that|them|these|those|(?:the|my|this|that|our) (?:\w+ )?{THING}|same)\b", re.I
)
PLURAL = re.compile(
    r"\b(?:them|these|those|both|all (?:of )?(?:them|these|those|the \w+s|my \w+s|\w+ pictures)|all (?:two|"
    r"three|four)|every (?:one|picture|image|photo)|each)\b",
    re.I,
)
