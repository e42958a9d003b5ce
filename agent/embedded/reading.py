"""Read one clause: what does it ask for, on what? Grammar only; returns None where the grammar is silent. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from agent.embedded import words
from agent.embedded.binding import PRONOUN, Binding, bind
from agent.embedded.operations import Operation, recognise
from agent.model import PlanningRequest


@dataclass(frozen=True)
class Reading:
    """One request of a message. `act` is create, operate, edit, vary, discover, query.*, control.*, chat.*."""

    act: str
    clause: str = field(repr=False)
    binding: Binding = Binding()
    operations: tuple[Operation, ...] = ()
    confidence: float = 0.95


_CREATE = re.compile(
    r"^(?:generate|create|draw|paint|imagine|render|design|sketch|produce|visuali[sz]e|make|give me|show me|get me|"
    r"i(?:'d| would) (?:like|love)(?: to (?:see|have|get))?|i (?:want|need)(?: to (?:see|have))?|let me see|can i (?:get|have))"
    r"(?: me| us)?\s+(?P<what>.+)$",
    re.I,
)
_STRONG_CREATE = re.compile(r"^(?:generate|create|draw|paint|imagine|render|design|sketch|produce|visuali[sz]e)\b", re.I)
_NEW_THING = re.compile(r"^(?:(?:a|an|some|another new|new|two|three|four|several|\d)\b|(?:picture|image|photo|painting|portrait|drawing|wallpaper|poster|logo)s?\b)", re.I)
_ANOTHER_VERSION = re.compile(r"^(?:an?|another|\w+)? ?(?:\w+ )?(?:version|copy|variation|variant|take)s? (?:of|in|with|at|as)\b|^(?:a|an) \w+(?:er)? (?:version|copy)\b|\bout of (?:it|this|that|A\d)\b", re.I)
_EDIT = re.compile(
    r"^(?:add|remove|delete|erase|replace|put|change|swap|turn|transform|restyle|reimagine|repaint|convert|apply|edit|modify|make|give|"
    r"without|with|same|but|keep|at (?:night|dawn|dusk|sunset|sunrise|noon)|in the style|as an?|it should|should|have|let|set|get rid|take (?:away|out)|no more|"
    r"write|use)\b",
    re.I,
)
_VARY = re.compile(
    r"^(?:try (?:it |that )?again|again|once more|one more|another(?: one| try)?|retry|re-?roll|redo(?: it| that)?|do (?:it|that) again|(?:\w+ )?(?:more )?(?:variations?|variants?|alternatives?|options?)\b.*"
    r"|(?:make|give me|show me|create|generate|i want)?\s*(?:\w+ )?(?:more |different |other |new )*(?:variations?|variants?|alternatives?)\b.*"
    r"|(?:make |give me |show me )?(?:another one|a different one|a new one|one more)(?: like (?:this|that|it))?)$",
    re.I,
)
_RULES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (act, re.compile(pattern, re.I))
    for act, pattern in (
        ("control.cancel", r"^(?:cancel|stop|abort|halt|never ?mind|kill)\b(?: (?:it|that|this|the \w+|everything|all|rendering|now|generating))*$"),
        ("control.confirm", r"^(?:yes|yep|yeah|sure|ok|okay|confirm|confirmed|go ahead|do it|run it|proceed|go)$"),
        ("control.undo", r"^(?:undo|revert)\b|^go back$|^(?:go )?back to the (?:previous|earlier|last) (?:one|version|picture|image)$"),
        ("control.select", r"^(?:go back to|back to|return to|switch to|select|pick|continue with|work with|use)\b(?!.*\b(?:seed|style|as)\b)"),
        ("query.cost", r"\bhow (?:much|expensive)\b(?!.*\btime\b)|\b(?:cost|price|credits)\b.*\?|^(?:what|what's|what is|how)\b.*\b(?:cost|price)\b|\bhow many credits|^is (?:it|this|that) free"),
        ("query.time", r"\bhow (?:long|much time)\b|\bwhen (?:will|is) .*(?:ready|done|finished)|\beta\b"),
        ("query.status", r"^(?:is|are) (?:it|you|that|they) (?:done|ready|finished|still)\b|\bstatus\b|^how far\b"),
        ("query.params", r"^(?:what|which)(?:'s| is| was| were| are)? (?:the )?(?:seed|prompt|model|checkpoint|settings?|parameters?|size|resolution|dimensions?|tool)\b|^(?:what|which) (?:seed|model|prompt|tool)|^how (?:big|large) is\b"),
        ("discover", r"^what (?:all )?(?:can|could|else can) (?:i|you|we)\b|^(?:what|which) (?:other )?(?:tools?|things|features|options|models|effects|styles)\b|^help\b|^(?:how do|how can|how to)\b|\bwhat are (?:your|the|my) (?:tools|options|features|possibilities)|^(?:show|list)(?: me)? (?:the |all |your |all the )?(?:tools|features|options|possibilities)|^what (?:do|does) (?:you|it|this)\b.*\bdo\b|^can (?:i|we)\b.*\?$|^what(?:'s| is) possible|^do you (?:have|support)\b|^are you able\b"),
        ("chat.thanks", r"^(?:thanks?|thank you|thx|cheers|great|awesome|perfect|nice|beautiful|lovely|wow|love it|i love (?:it|this|that)|amazing|good job|well done)(?: (?:so much|a lot|you|work|job|one|very much))*$"),
        ("chat.hello", r"^(?:hi|hello|hey|good (?:morning|evening|afternoon)|greetings|hola|yo)(?: (?:there|all|everyone))?$"),
        ("vary", _VARY.pattern),
    )
)  # fmt: skip


def read(clause: str, request: PlanningRequest, *, continues: bool) -> Reading | None:
    """What the grammar makes of a clause; `continues` says that an earlier clause of the message makes a picture."""
    raw, text = words.clean(clause).rstrip(" .!"), words.bare(clause)
    has_picture = continues or request.focus is not None or bool(request.attached)
    for act, pattern in _RULES:
        if pattern.search(raw) or (act != "discover" and pattern.search(text)):
            return Reading(act, text, bind(text, request))
    return _read_work(text, request, has_picture, continues)


def subject(clause: str) -> str:
    """What a create clause wants to see: `generate a picture of a red fox` -> `a red fox`."""
    found = _CREATE.match(words.bare(clause))
    what = words.without_format(found["what"] if found else words.bare(clause)) or words.bare(clause)
    return re.sub(r"^(?:an?|the|some|new|another)? ?(?:new )?(?:picture|image|pic|drawing|render)s? (?:of|showing|with|that shows) ", "", what, flags=re.I)


def _read_work(text: str, request: PlanningRequest, has_picture: bool, continues: bool) -> Reading | None:
    binding = bind(text, request)
    create = _CREATE.match(text)
    if create and _is_new(create["what"], text, binding):
        return Reading("create", text)
    operations = tuple(recognise(text))
    if operations and not _NEW_THING.match(text) and not _is_content(text):
        sure = 0.95 if binding.spoken or continues or _starts_as_command(text) else 0.75
        return Reading("operate", text, binding, operations, sure)
    if _EDIT.match(text) and (has_picture or binding.spoken or binding.missing):
        return Reading("edit", text, binding, confidence=0.9)
    if create and _STRONG_CREATE.match(text):
        return Reading("edit" if has_picture and _is_about(create["what"]) else "create", text, binding, confidence=0.9)
    if _NEW_THING.match(text):
        return Reading("create", text, confidence=0.9 if not has_picture else 0.7)
    return None


def _is_new(what: str, text: str, binding: Binding) -> bool:
    """`make a cat` is new; `make it blue`, `make the sky red`, `give me a brighter version of A1` are not."""
    if _ANOTHER_VERSION.search(what):
        return False
    if _NEW_THING.match(what):
        return True
    return bool(_STRONG_CREATE.match(text)) and not _is_about(what) and not recognise(what)


def _is_about(what: str) -> bool:
    """`it like van Gogh`, `the sky red`: something that is there already."""
    return bool(PRONOUN.match(what) or re.match(r"(?:the|my|her|his|their|A\d)\b", what, re.I))


def _is_content(text: str) -> bool:
    """`make the sky brighter` or `add warm light` change a part or a content, which colour sliders cannot."""
    if re.match(r"(?:add|put|remove|replace|erase|without|delete)\b", text, re.I):
        return True
    part = re.search(r"\b(?:the|her|his|their) (\w+)", text, re.I)
    whole = r"picture|image|photo|pic|colou?rs?|tones?|contrast|brightness|saturation|vibrance|whole|original|result|last|first|second|third|one|size|resolution|left|right|top|bottom|exposure|edges|sides|temperature|previous|upload|sketch|render|drawing|painting|background blur|details?|bit|dimensions|version|shadows|hue|width|height|height|lot"
    return bool(part and not re.fullmatch(whole, part[1], re.I) and re.match(r"(?:make|turn|change|give)\b", text, re.I))


def _starts_as_command(text: str) -> bool:
    return bool(re.match(r"(?:make|crop|trim|rotate|turn|flip|mirror|invert|re-?size|scale|up|enlarge|shrink|blur|soften|sharpen|brighten|darken|lighten|"
                         r"desaturate|saturate|more|less|slightly|much|a bit|a little|convert|increase|decrease|reduce|boost|add|tone|warm|cool|too|black|square|\w+er\b)", text, re.I))  # fmt: skip
