"""Parameters with sane ranges: what ComfyUI would take is far wider than what anybody wants."""

from __future__ import annotations

from typing import Any

from tools.model import MediaKind, Parameter

SAFE = 2**53 - 1
"""The largest whole number that JSON readers agree on."""
_WORDS = {
    "negative": "What shall not be there.",
    "lyrics": "The words that are sung.",
    "text": "The words that are spoken.",
    "subject": "What is looked for in what you bring.",
}


_ANYBODY = {"human", "person", "people"}
"""Who is looked for where a tool is about people: no sample of what one template happens to show."""
_SHOWN = {MediaKind.VIDEO: "What shall be seen, and what happens."}
_WHERE = {"left": "on the left", "right": "on the right", "top": "above", "bottom": "below"}


def prompt_of(kind: MediaKind, instructs: bool, looks: bool) -> str:
    """What a prompt says: what a result shows, how a picture becomes another, what is looked for, or what is asked."""
    if kind is MediaKind.TEXT:
        return "What is asked."
    if looks:
        return "What is looked for."
    if instructs:
        return "What shall be changed, or be made of what is brought, as an instruction."
    return "What shall be heard." if kind is MediaKind.AUDIO else _SHOWN.get(kind, "What shall be seen.")


def words(role: str, sample: str, about: str, fixed: bool = False, quick: bool | None = None) -> Parameter:
    """A text. A prompt has no default, for the template's sample is never used silently; unless it is `fixed`: words
    that belong to the tool and that a person may leave alone."""
    fixed = fixed or (role == "subject" and sample.lower() in _ANYBODY)
    if role in ("prompt", "text", "subject") and not fixed:
        return Parameter(type="string", description=_WORDS.get(role, about), required=True)
    advanced = role == "negative" or (fixed and role != "subject")
    said = _WORDS.get(role, about) + (_while(quick) if role == "negative" else "")
    return Parameter(type="string", description=said, default=sample, advanced=advanced)


def variant(value: str, choices: list[str]) -> Parameter:
    return Parameter(type="choice", description="Which of its kinds.", default=value, choices=tuple(choices))


def side(value: int, multiple: int, fitted: bool) -> Parameter:
    """Pixels. A `fitted` side follows the shape of the picture that is brought while it has its default."""
    about = f"Pixels, multiples of {multiple}." + (" In the picture's shape when left out." if fitted else "")
    return _whole(about, value, min(256, value), max(2048, value), step=multiple)


def seed(value: float) -> Parameter:
    number = int(value) % (SAFE + 1)
    return _whole("The same seed and words give the same result.", number, 0, SAFE, advanced=True)


def steps(value: float, quick: bool | None) -> Parameter:
    about = "Sampling steps; more is slower and finer." + _while(quick)
    return _whole(about, value, 1, max(50, int(value) * 2), advanced=True)


def guidance(value: float, quick: bool | None) -> Parameter:
    about = "How strictly the words are followed." + _while(quick)
    return _number(
        about, value, 0.0 if value < 1 else 1.0, max(20.0, float(value) * 2), step=0.1, advanced=True
    )


def border(name: str, value: float) -> Parameter:
    about = f"Pixels that are added {_WHERE[name]}."
    return _whole(about, value, 0, max(2048, int(value)), step=8)


def repainting(value: float) -> Parameter:
    return _number("How much is painted anew: 0 nothing, 1 everything.", value, 0.0, 1.0, step=0.01)


def control(value: float) -> Parameter:
    return _number(
        "How strictly the control picture is followed.", value, 0.0, max(2.0, float(value)), step=0.05
    )


def count(value: float) -> Parameter:
    return _whole("How many pictures at once.", value, 1, max(4, int(value)))


def turbo(value: bool) -> Parameter:
    return Parameter(
        type="boolean",
        description="A few quick steps instead of many fine ones.",
        default=value,
        advanced=True,
    )


def duration(value: float, whole: bool, longest: float, pieces: bool = False) -> Parameter:
    high = max(longest, float(value) * 2)
    about = "Seconds of each part." if pieces else "Seconds."
    if whole:
        return _whole(about, value, 1, int(high))
    return _number(about, value, min(0.5, float(value)), high, step=0.1)


def tempo() -> Parameter:
    return _whole("Beats a minute.", 120, 40, 240)


def key(choices: list[str]) -> Parameter:
    """No template's own key: that is the one of the song which it shows."""
    return Parameter(type="choice", description="Key of the music.", default="C major", choices=tuple(choices))


def language(choices: list[str]) -> Parameter:
    """`unknown` where the node takes it: the lyrics tell."""
    default = "unknown" if "unknown" in choices else "en"
    about = "Language that is sung, by its code; `unknown` leaves it to the lyrics."
    return Parameter(type="choice", description=about, default=default, choices=tuple(choices))


def rate(value: float, whole: bool) -> Parameter:
    about = "Pictures a second."
    make = _whole if whole else _number
    return make(about, value, 1, max(60, int(value)), advanced=True)


def factor(value: float) -> Parameter:
    return _number("How many times longer the sides become.", value, 1.0, max(4.0, value), step=0.1)


def _while(quick: bool | None) -> str:
    """The numbers of the other side of a quick-or-fine switch are the template's own."""
    return "" if quick is None else f" Counts while `turbo` is {'on' if quick else 'off'}."


def _whole(about: str, value: float, low: float, high: float, **more: Any) -> Parameter:
    return Parameter(
        type="integer", description=about, default=int(value), minimum=min(low, value), maximum=high, **more
    )


def _number(about: str, value: float, low: float, high: float, **more: Any) -> Parameter:
    return Parameter(
        type="number", description=about, default=value, minimum=min(low, value), maximum=high, **more
    )
