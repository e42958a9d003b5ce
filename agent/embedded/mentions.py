"""The places of a clause that name a picture, and which pictures they name. Pure.

Each finder gives the mentions of one manner of speaking; where two overlap, the earlier finder is believed. A mention has
a name of its own: pronouns and the silent default are no mentions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.embedded import calling, finders
from agent.embedded.finders import COUNT, Finder
from agent.embedded.references import HANDLE, ORDINAL, THING
from agent.model import PlanningRequest

_BARE = THING.removesuffix("s?")


@dataclass(frozen=True)
class Mention:
    """A part of a clause and the refs it names; several `candidates` when it does not say which."""

    start: int
    end: int
    refs: tuple[str, ...] = ()
    sure: float = 0.9
    missing: str | None = None
    candidates: tuple[str, ...] = ()
    loose: bool = False


def mentions(clause: str, request: PlanningRequest) -> list[Mention]:
    """In the order they stand in the clause."""
    found: list[Mention] = []
    for pattern, resolve in _FINDERS:
        for said in pattern.finditer(clause):
            if any(said.start() < other.end and other.start < said.end() for other in found) or _quoted(said):
                continue
            if (named := resolve(said, request)) is not None:
                missing = named.missing and (
                    named.missing if re.match(HANDLE, named.missing) else named.missing.lower()
                )
                place = Mention(
                    said.start(),
                    named.end or said.end(),
                    tuple(named.refs),
                    named.sure,
                    missing,
                    named.candidates,
                    named.loose,
                )
                found.append(place)
    return sorted(found, key=lambda mention: mention.start)


def _quoted(said: re.Match[str]) -> bool:
    """Inside quotation marks words name nothing."""
    return said.string[: said.start()].count('"') % 2 == 1 and '"' in said.string[said.end() :]


#: Words after `the second` that show it to be a picture: `the second floor` is none.
_AFTER = "but|better|best|and|or|with|again|instead|please|at|in|as|without|is|was|looks|to|on|by|from|into|like|for|a bit|brighter|darker"
_STOP = rf"(?=\s*(?:$|[,.;:!?)]|\d|(?:{_AFTER})\b))"
_OF = r"(?:\s+of (?:them|these|those|the (?:\w+ )?\w+s))?"
_START = r"^(?:(?:and|now|ok|okay|so|hey|please|also|well|actually)[ ,]+)*"
_VIEWED = (
    r"(?:with|of|showing|where|that(?:'s| is| has| shows| had)?|which|who|about|featuring|called|named|from)"
)
_PLACED_IN = r"(?:in|at|on|under|by|near|behind)"
_NO_NAME = (
    rf"(?!(?:{ORDINAL}|last|latest|newest|new|final|other|others|original|source|previous|earlier|prior|same|whole|entire|first|"
    r"middle|left|right|current|next|more|most|very|one|two|three|four|only|big|bigger|whole|recent|uploaded|initial|best|good|"
    r"better|worse|worst|nice|nicer|old|older|attached|above|following|resulting|finished)\b)"
)


def _finder(pattern: str, resolve: Finder) -> tuple[re.Pattern[str], Finder]:
    return re.compile(pattern, re.I), resolve


_FINDERS: tuple[tuple[re.Pattern[str], Finder], ...] = (
    _finder(r"\ba(?P<first>\d{1,4})\s?(?:-|through|to|until)\s?a(?P<last>\d{1,4})\b", finders.from_to),
    _finder(HANDLE, finders.handle),
    _finder(r"\b(?:picture|image|photo|pic) ?(?:number |no\.? ?|#)?(?P<number>\d{1,3}|one|two|three|four|five|six)\b(?! ?(?:x|:|%))|(?:^|(?<=\s))#(?P<hash>\d{1,3})\b",
            finders.numbered),
    _finder(r"\b(?:number|option|variation|variant|version|no\.|nr\.?|nr) ?#?(?P<number>one|two|three|four|five|six|\d{1,2})\b",
            finders.counted_option),
    _finder(rf"\b(?:(?:the|that) (?:{THING}|state) (?:from |right |just )*|back to (?:how it was |what we had |right |just )?|"
            r"(?:as|how|like) it (?:was|looked) )before (?:the |you |we |i |it |that )?"
            r"(?:was |were |had |have |got |i had you |i asked (?:you )?(?:to|for) )?"
            r"(?P<what>(?!last\b|that\b|it\b|this\b|previous\b|one\b)[\w' -]{3,60}?)(?=$|[,.;!?]| and | but )", calling.before_that),
    _finder(r"\b(?:the )?(?P<which>third|fourth|3rd|4th) (?:to|from) (?:the )?last\b|\b(?:the (?:one|picture|version) )?(?P<count>two|three|four|\d) (?:(?:pictures|versions|images|steps|edits|ones) (?:ago|back|earlier)|before (?:this|that|it)(?: one)?)\b", finders.back),
    _finder(rf"\b(?:the|my) (?:very )?(?:earliest|oldest) {THING}", finders.oldest),
    _finder(rf"\bthe (?P<row>top|upper|bottom|lower)[ -](?P<column>left|right)(?: (?:{_BARE}))\b|\bthe (?:{_BARE}) (?:in|on|at) the (?P<row2>top|upper|bottom|lower)[ -](?P<column2>left|right)\b", finders.corner),
    _finder(rf"\b(?:the |my |that )?(?:second|2nd|next) (?:to|from) (?:the )?last(?: {THING})?\b|\b(?:the )?last but one\b|"
            rf"\b(?:the )?penultimate(?: {THING})?\b|\bthe (?:one|{THING}) before (?:the )?last(?: one)?\b", finders.last_but_one),
    _finder(r"\b(?:the )?before[ -]and[ -]after\b", finders.before_and_after),
    _finder(r"\b(?:the |my )(?P<which>first|second|third|last|latest|newest|new|old|previous|earlier) (?:batch|set|group|series|lot|bunch|round)\b", finders.batch),
    _finder(r"\b(?:both|all)(?: of)? my (?:uploads|uploaded (?:photos|pictures|images|files)|own (?:photos|pictures))\b", calling.uploads),
    _finder(r"\b(?:the )?two in the middle\b|\bthe middle two\b", finders.middle_two),
    _finder(rf"{_START}(?P<one>[\w-]{{3,}}) and (?:the )?(?P<other>[\w-]{{3,}})(?=,| both\b)", calling.pair),
    _finder(r"\b(?:the|that|my) (?P<subject>[\w-]+(?: [\w-]+)?) before (?:you|we|i|it|they)(?: was| were| had| got)? (?P<what>[\w-]+(?: (?:it|them|that))?)", calling.undone),
    _finder(rf"{_START}(?:the|that|my) (?P<subject>[\w-]+(?: [\w-]+)?) without (?:the |a |any )?(?P<what>[\w-]+(?: [\w-]+)?)(?=\s*(?:$|[,.]))", calling.undone),
    _finder(r"\b(?:the|that|my) un(?P<what>[a-z]+ed)\b(?: (?P<subject>(?:[a-z]+ )?[a-z]+))?", calling.undone),
    _finder(rf"\bthe (?:very )?original (?P<what>(?!{THING}\b)[a-z]{{3,}}(?: [a-z]{{3,}})?)\b", calling.original_of),
    _finder(r"\b(?:the )?(?:whole )?lot of (?:them|these|those)\b|\bthe (?:whole )?lot\b(?=\s*(?:$|[,.!]|in\b))", finders.every),
    _finder(rf"\b(?:the |my |these |those )?(?P<end>first|last|latest|newest) (?P<count>{COUNT})\b(?: {THING}|(?: \w+)?s\b)?{_OF}", finders.ends),
    _finder(r"\b(?:what|the (?:thing|file)) i(?:'ve)? (?:just )?(?:uploaded|sent|attached|posted)(?: you)?\b", calling.sent),
    _finder(rf"\bmy uploads?\b|\b(?:my|the) (?:upload\b|uploaded {THING}|(?:{_BARE}|\w+) (?:that )?i(?:'ve| have)? (?:just )?"
            r"(?:uploaded|sent|attached|gave|posted|shared|brought)(?: you)?)", calling.sent),
    _finder(rf"\b(?:the|that|its|my) (?:very )?(?:original|initial|starting|source|unedited|untouched|unmodified)(?: original)?(?: {THING}\b|{_STOP})|"
            r"\bthe (?:one|picture|photo|image|version) (?:we|i) (?:started|began) (?:with|from)\b|\bhow it (?:was|looked) (?:originally|at first|in the beginning)\b",
            finders.original),
    _finder(rf"\b(?:the|that) {THING} from (?:before|earlier)\b", finders.previous),
    _finder(r"\b(?:back to )?when it was (?:still )?(?P<what>[a-z]+)\b", calling.when),
    _finder(rf"\b(?:the|that|its|my) (?:previous|prior|earlier|preceding|old|older) {THING}\b|\bthe (?:{THING}) (?:just )?before(?: that| this| it)?(?: one)?\b|"
            rf"\b(?:the )?previous{_STOP}", finders.previous),
    _finder(rf"\bthe other (?:{COUNT}\b(?: {THING})?|(?:one|picture|image|photo|version|variation)s\b)|\bthe others\b|\bthe rest(?: of them)?\b(?! of the (?:picture|image))", finders.others),
    _finder(rf"\b(?:the|my|that) other (?P<what>(?!{THING}\b)[a-z]{{3,}})\b", calling.other_of_kind),
    _finder(rf"\bthe (?P<count>{COUNT}) (?P<what>(?!{THING}\b|last\b|first\b|of\b)[a-z]{{3,}}s)\b", calling.all_of_kind),
    _finder(rf"{_START}(?:i (?:like|love|prefer|choose|want|pick|take) |(?:let's )?go (?:with|for) |take |use )?(?P<number>[1-9])(?=(?:,? and [1-9])|,| (?:best|most|better|please|in|but|is|looks)\b|$)", finders.numeral),
    _finder(r"(?<=\d and )(?P<number>[1-9])(?=$|,| in\b| please| a bit| (?:bright|dark|warm|cool|sharp)er)", finders.numeral),
    _finder(r"\bboth (?:the |of the |my )?(?P<what>(?!of\b)[a-z]{3,}s)\b", calling.all_of_kind),
    _finder(rf"\b(?:the|that|my) other (?:{_BARE})\b|\bthe other\b{_STOP}", finders.other),
    _finder(rf"\b(?:the|my|that|your) (?:very )?(?:last|latest|newest|new|final|(?:most )?recent|current) (?:{_BARE})\b(?!s)"
            rf"|\bthe (?:last|latest|newest|most recent)\b{_STOP}", finders.newest),
    _finder(rf"{_START}last (?:{_BARE})\b", finders.newest),
    _finder(rf"\b(?:the )?(?P<named>{ORDINAL})(?P<plain>)(?P<further>)(?P<listed>) of (?:those|these|them)\b", finders.ordinal),
    _finder(rf"(?<=\band )(?:the )?last(?: {THING})?{_STOP}", finders.newest),
    _finder(rf"\b(?:the )?(?P<which>{ORDINAL})(?: {THING})? from (?:the )?(?P<end>left|right)\b", finders.from_side),
    _finder(rf"\bthe middle {THING}\b|\bthe one in the middle\b", finders.middle),
    _finder(rf"\bthe (?:far )?(?:left|right)(?:most|hand)? (?:{_BARE})\b|\bthe (?:{_BARE}) on the (?:far )?(?:left|right)\b(?! side)", finders.side),
    _finder(rf"\b(?:(?:the|my|that|your) (?:very )?)?(?P<named>{ORDINAL}) (?:{_BARE})\b{_OF}(?!s)"
            rf"|\b(?:the|my) (?P<plain>{ORDINAL})(?:{_OF}{_STOP})"
            rf"|(?<=\band )(?P<further>{ORDINAL}){_STOP}|(?P<listed>\b(?:{ORDINAL})\b)(?=(?:,| and| &) (?:the )?(?:{ORDINAL}|last)\b)", finders.ordinal),
    _finder(rf"\b(?:the|my) (?P<ordinal>{ORDINAL}) (?P<what>[a-z]{{3,}}(?: [a-z]{{3,}})?)\b", calling.nth_of_kind),
    _finder(r"\b(?:all|everything|every one|everyone)\b(?= (?:but|except|besides|apart|other than)\b)|\ball(?= ?$)", finders.every),
    _finder(rf"\ball (?:of )?(?:(?:them|these|those)\b|(?:the |these |those )?{COUNT}\b(?: of (?:them|these|those))?(?: {THING})?|"
            r"(?:the |my |these |those )?(?:pictures|images|photos|ones|versions|variations|variants|options|results)\b)|"
            rf"\b(?:every|each) (?:single )?(?:one|{_BARE})\b(?: of (?:them|these|those))?|\beach of (?:them|these|those)\b|"
            rf"\b(?:them|these|those) all\b|\b(?:the|these|those|my) {COUNT} (?:of them|pictures|images|photos|versions|variations|ones)\b", finders.every),
    _finder(r"\ball (?:of )?(?:the |my |these |those )(?P<what>\w+s)\b", calling.all_of_kind),
    _finder(r"\bboth\b(?: of (?:them|these|those))?(?: (?:the |these |those )?(?:pictures|images|photos|versions|uploads))?|\bthe two (?:of them|pictures|images|photos)\b|"
            r"\bthe two\b(?=\s*(?:$|[,.!?]|side by side|together|into|next to))", finders.both),
    _finder(r"\b(?:the|my|that|this) (?:video|clip|film|movie|footage|song|audio|sound|track|recording|music)(?: clip| file)?\b", calling.medium),
    _finder(rf"\b(?:the|that) {_BARE} (?:that(?:'s| is) )?(?:still )?(?:rendering|being (?:made|rendered|painted)|in progress|running|in the works)\b", finders.at_work),
    _finder(rf"\b(?:the|that) (?P<thing>one|picture|image|photo|pic|drawing|painting|version) {_VIEWED} (?P<what>\S.{{1,80}})", calling.showing),
    _finder(rf"\b(?:the|that) (?P<thing>one) {_PLACED_IN} (?P<what>(?:the|a|an) \S.{{1,60}})", calling.showing),
    _finder(r"\b(?:the|that|my) (?:full[- ])?colou?r(?:ed|ful)? (?:one|version|picture|image|photo)\b", calling.in_colour),
    _finder(rf"\bthe (?P<what>{'|'.join(calling.OPPOSITE)}) (?:{_BARE})\b", calling.opposite),
    _finder(rf"\bthe (?P<what>tall|upright|vertical|wide|panoramic|horizontal|landscape|tallest|widest|biggest|largest|smallest) (?:{_BARE})\b", calling.shaped),
    _finder(rf"{_START}(?P<what>{_NO_NAME}[\w'-]+ )(?:version|one|pic|picture|photo)(?P<plural>s)?\b(?=,| but\b)", calling.called),
    _finder(rf"\b(?:the|that|my|this|your) (?P<what>{_NO_NAME}(?:[\w'&-]+ ){{1,4}}?)(?:{_BARE})(?P<plural>s)?\b", calling.called),
    _finder(r"\b(?:my (?:own |\w+ )?(?:photo|picture|image|pic|selfie|portrait|snap|snapshot|photograph)|the (?:photo|photograph|selfie|snapshot))\b", calling.mine),
    _finder(rf"{_START}(?:the |my |that )?(?P<what>[\w' -]{{3,60}}?) from the (?:very )?(?:beginning|start)\b", calling.original_of),
    _finder(rf"{_START}(?P<what>[\w' -]{{3,40}}?)(?= again\b| from (?:earlier|before)\b)", calling.topic),
    _finder(rf"{_START}(?P<what>[\w' -]{{3,40}}?)(?=:\s)", calling.heading),
    _finder(rf"{_START}(?:remember |about |take |use |with |on )?(?:the|my|that) (?P<what>[\w' -]{{3,60}}?)"
            r"(?=\s*(?:,|\?| but\b| again\b| from (?:earlier|before|the (?:beginning|start))))", calling.topic),
)  # fmt: skip
