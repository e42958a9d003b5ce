"""Take the wrapping off a request: `could you maybe make it brighter?` and `how about at sunset` ask for what is inside. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.embedded import words
from agent.embedded.clauses import VERBS
from agent.embedded.references import REFERENCE


@dataclass(frozen=True)
class Framed:
    """What was asked for without its wrapping, and what the wrapping said about it."""

    text: str
    about: bool = False
    """It changes something that is there: `it should be ...`, `the second one, but ...`."""
    proposal: bool = False
    """`How about ...`: alone it says neither that something changes nor that something is new."""


_WHOLE = (
    r"(?:it|this|that|everything|[aA]\d{1,4}\b|(?:the|this|that|my) (?:whole |entire )?(?:picture|image|photo|result|"
    r"thing|scene))"
)
_DESIRE = (
    r"(?:i(?:'d| would) (?:like|love|prefer|rather have)|i (?:want|need|wish)(?: for)?|i'm looking for|"
    r"i am looking for|let me (?:see|have)|"
    r"can (?:i|we) (?:see|have|get)|could (?:i|we) (?:see|have|get)|may i (?:see|have|get))"
)
_THOUGHT = (
    r"(?:(?:i'm|i am|i was) (?:thinking|dreaming|imagining) (?:of|about)|(?:i have|i've got|here's|my) (?:an |this |another )?idea"
    r"(?: is| was| for)?)"
)
_ASKED = (
    r"(?:(?:(?:is|would|might) it (?:be )?possible (?:for you )?to|are you able to|(?:would|do) you mind|"
    r"(?:do you think )?(?:(?:can|could|would|will|might) (?:you|we|it)|(?:you|we|it) (?:can|could|should|"
    r"may|might))|please)\b"
    r"(?: (?:please|maybe|perhaps|possibly|also|just|kindly|be|try to|try|go ahead and))*)"
)
_PROPOSED = (
    r"(?:(?:what|how) about|what if (?:you|we)|"
    r"why (?:not|don't you)|let's try|let us try|try|maybe|perhaps|and|but|or rather|rather|instead)"
)
_SUPPOSED = r"what if (?:it|this|that|there|the \w+)(?:'s| was| were| is| are| had| has| could be| would be)?"
_IMAGINED = (
    rf"(?:(?:what|how) (?:would|will|does|might|could) {_WHOLE} look(?: like)?|"
    rf"{_ASKED} show (?:me )?{_WHOLE})"
)
_STATED = (
    rf"(?:i (?:think|feel|guess|find|wish) )?{_WHOLE}(?:'s| is| was| were| are| looks| look| seems| feels|"
    rf" should(?: be)?| must(?: be)?|"
    r" could(?: be)?| needs(?: to be)?| has to be| ought to be| lacks| is missing)(?! (?:there|done|ready|"
    r"finished)\b)"
)
_BUT = (
    rf"(?:.{{0,60}}\b{REFERENCE}|(?:(?:do|make|try|draw|paint|give me|show me) )?(?:the )?same\b.{{0,40}}?|(?:try (?:it )?)?(?:once )?again|once more|"
    rf"like (?:this|that|it))"
)


def _start(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"^{pattern}(?:[\s,:]+(?P<rest>\S.*))$", re.I)


_REPEATED_BUT = re.compile(rf"^{_BUT}\s*,?\s*\b(?:but|only|except|just)\b\s*(?P<rest>\S.*)$", re.I)
_REFERENCE_FIRST = re.compile(
    rf"^(?:it|this|that|{REFERENCE}),? (?P<rest>(?:at|in|as|with|without|on|under)\b.+)$", re.I
)
_ONLY = (
    r"(?:(?:don't|do not) (?:touch|change|alter) anything (?:but|except(?: for)?|other than)|(?:keep|leave) (?:everything|it all|all)(?: else)?"
    r"(?: the same| as it is| alone)?,? (?:but|except(?: for)?)|(?:only|just) (?:change|touch)|change (?:only|nothing but)|nothing but)"
)
_CAN_THEY = r"(?:can|could|may|might) (?:he|she|they|the \w+)"
_MADE_OF = re.compile(
    rf"^(?:what|how) (?:would|might|could) (?P<who>[\w' -]+?) (?:have )?(?:make|made|do|done|paint(?:ed)?|draw|drawn) (?:of|with|to )?\s?(?:{_WHOLE})$", re.I
)
_WISHED = re.compile(rf"^{_DESIRE} (?P<what>(?:the|his|her|its|their) [\w -]+?) (?:to (?:be|look|become)|in) (?P<how>.+)$", re.I)
_SHAPES: tuple[tuple[re.Pattern[str], bool, bool], ...] = (
    (_REPEATED_BUT, True, False),
    (_REFERENCE_FIRST, True, False),
    (_start(_ONLY), True, False),
    (_start(_CAN_THEY), True, False),
    (_start(_IMAGINED), True, False),
    (_start(_SUPPOSED), True, False),
    (_start(rf"(?:can|could|may|might|should|would) {_WHOLE} (?:be|look|have|become|get)"), True, False),
    (
        _start(rf"(?:{_DESIRE}|it would be (?:\w+ )?(?:nice|nicer|better|great|cool|good))(?: it)? if"),
        True,
        False,
    ),
    (_start(r"(?:(?:no|not quite|not exactly|nope),? )?i meant"), True, False),
    (_start(_THOUGHT), False, False),
    (_start(rf"{_DESIRE} (?:you )?to (?:see |have |get )?{_WHOLE}"), True, False),
    (_start(rf"{_DESIRE} {_WHOLE}(?: to (?:be|look|have|become|get))?"), True, False),
    (_start(rf"{_DESIRE} (?:you to|to see|to have|to get|to)"), False, False),
    (_start(rf"{_DESIRE}(?: for)?"), False, False),
    (_start(r"help me(?: to| with)?"), False, False),
    (_start(rf"{_ASKED}"), False, False),
    (_start(rf"{_STATED}"), True, False),
    (_start(rf"{_PROPOSED}"), False, True),
)
_GERUND = re.compile(r"^([a-z]+)ing\b(?= )", re.I)
_VERBS = frozenset(VERBS.split("|"))


def unframed(text: str) -> Framed:
    """What is asked for; at most four wrappings deep."""
    framed = Framed(words.bare(text))
    if wished := _WISHED.match(framed.text):
        return Framed(f"make {wished['what']} {wished['how']}", about=True)
    if painter := _MADE_OF.match(framed.text):
        return Framed(f"in the style of {painter['who']}", about=True)
    for _ in range(4):
        inner = _opened(framed)
        if inner is None:
            return framed
        framed = inner
    return framed


def _opened(framed: Framed) -> Framed | None:
    for pattern, about, proposal in _SHAPES:
        if found := pattern.match(framed.text):
            rest = imperative(words.bare(found["rest"]))
            return Framed(rest, framed.about or about, framed.proposal or proposal)
    return None


def imperative(text: str) -> str:
    """`adding a moon` -> `add a moon`, after a wrapping that asks for it so."""
    found = _GERUND.match(text)
    if not found:
        return text
    stem = found[1].lower()
    for verb in (stem, f"{stem}e", stem[:-1]):
        if verb in _VERBS:
            return verb + text[found.end() :]
    return text
