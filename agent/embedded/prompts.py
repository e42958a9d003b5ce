"""Change a prompt as a person asks for it: take things out, put others in their place, keep the rest word for word. Pure.

A sampler knows no commands: `without the hat` must take the hat out of the words, and a pencil sketch takes the place
of the oil painting beside which it could not be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from agent.embedded.groups import PATTERNS, STYLE_OF

_ARTICLE = r"(?:an?|the|some|any|all|his|her|its|their|that|this|these|those|my)"
_SMALL = r"(?:an?|the|some|one|two|three|four|five|six|many|several|his|her|its|their)"
_LINK = (
    r"(?:with|wearing|holding|carrying|having|in|on|under|next to|beside|behind|in front of|near|and|including|"
    r"surrounded by|full of|riding|against)"
)
_STOP = r"(?!(?:in|on|at|with|and|of|by|under|over|near|beside|behind|wearing|holding|from|to|into|as)\b)"

@dataclass(frozen=True)
class Edited:
    """A prompt after the change, what must not be in the picture, and whether its subject was exchanged."""

    prompt: str = field(repr=False)
    negative: str = field(default="", repr=False)
    subject: bool = False


def edited(prompt: str, instruction: str) -> Edited:
    """The prompt with the change in it. An empty prompt (a photo) gets only what is wished for."""
    first, *more = _AND_ADD.split(instruction)
    if more:
        parts = [edited(prompt, first)]
        for piece in more:
            parts.append(edited(parts[-1].prompt, piece))
        negative = ", ".join(dict.fromkeys(part.negative for part in parts if part.negative))
        return Edited(parts[-1].prompt, negative, any(part.subject for part in parts))
    wish, unwanted = _parted(instruction)
    if (styled := _STYLED.match(instruction)) is not None and prompt:
        return replace(_regrouped_as("style", prompt, styled["style"]), negative=", ".join(unwanted))
    for what in unwanted:
        prompt = without(prompt, what)
    result = _changed(prompt, wish) if wish else Edited(prompt)
    return Edited(result.prompt, ", ".join(unwanted), result.subject)


_AND_ADD = re.compile(r"(?:,| and|;)(?: then)? (?=(?:add|put|give|remove|delete|erase|replace|swap|make|change|turn) (?!it (?:all|too)\b)\S)", re.I)
_STYLED = re.compile(
    r"^(?:(?:make|have|let|draw|paint|render|do) (?:it|this|that) |it (?:should|could) )?(?:look(?:ing)? |appear )?(?:like|as if it were|as though it were|as) "
    r"(?:it (?:was|were|is) )?(?:from )?(?P<style>(?:an? |something (?:from|out of) )(?!different\b)[\w' -]+)$",
    re.I,
)


def without(prompt: str, what: str) -> str:
    """The prompt without a thing, its adjectives and the words that tied it to the rest; unchanged where it is not named."""
    noun = _stem(what)
    if noun is None:
        return prompt
    thing = rf"(?:{_SMALL} )?(?:{_STOP}[\w-]+ ){{0,2}}?{noun}\b(?: of (?:{_SMALL} )?[\w-]+)?"
    listed = re.sub(rf"\b(with|wearing|holding|carrying) {thing},? and (?={_SMALL} )", r"\1 ", prompt, count=1, flags=re.I)
    if listed != prompt:
        return _tidy(listed)
    for pattern in (rf",?\s*\b{_LINK} {thing}", rf",\s*{thing}[^,]*", rf"\b{thing},?\s*"):
        cut = re.sub(pattern, "", prompt, count=1, flags=re.I)
        if cut != prompt and re.search(r"\w", cut):
            return _tidy(cut)
    return prompt


def style_of(prompt: str) -> str:
    """The words of a prompt that say how it is made rather than what it shows; empty where there are none."""
    parts = [part.strip() for part in prompt.split(",")]
    found = [
        part
        for part in parts[1:]
        if not re.match(rf"{_SMALL}\b", part, re.I) or PATTERNS["style"].search(part)
    ]
    if (said := PATTERNS["style"].search(parts[0])) is not None:
        found.insert(0, said[0].strip())
    return ", ".join(found)


# --- what is wished for, what is not

_REMOVED = re.compile(
    rf"(?P<undesired>(?!))|^(?:please )?(?:remove|delete|erase|take (?:away|out|off)|get rid of|lose|drop|leave out|cut out)\s+(?:{_ARTICLE} )*"
    r"(?P<what>[\w'-]+(?:,? [\w'-]+){0,7}?)(?: (?:from|in|on|out of|at|behind|to) .+)?$",
    re.I,
)
_GONE = re.compile(
    rf"^i (?:don't|do not) want (?:to see )?(?:any )?(?:{_ARTICLE} )?(?P<undesired>[\w'-]+(?: [\w'-]+)?)$|^(?:{_ARTICLE} )+(?P<what>[\w'-]+(?: [\w'-]+){{0,2}}?) (?:should|must|has to|needs to) (?:go|disappear|vanish)(?: away)?$",
    re.I,
)
_UNWANTED = re.compile(
    rf",?\s*\b(?:but )?(?:without|no|not with|minus|free of)\s+(?:any (?:more )?)?(?:{_ARTICLE} )?(?!longer|more|problem|matter|one\b)"
    r"([\w'-]+(?: (?!and\b|in\b|with\b|on\b|but\b|at\b|or\b)[\w'-]+){0,2})(?=\s*(?:[,.;]|$|\band\b|\bor\b|\bin\b|\bwith\b|\bon\b|\bat\b|\bbut\b|please))",
    re.I,
)


#: `Remove the background, plain grey behind him`: what stands there in its place is said with where it stands.
IN_ITS_PLACE = re.compile(
    r"^(?P<removal>(?:remove|delete|erase|take|get rid|lose|drop|cut out)\b[^,]+), (?:and |just |only )*(?P<there>(?!and\b|or\b|the\b)[^,]+? (?:behind|around|beneath|under|over|above|beside) (?:it|him|her|them|the [\w-]+))$", re.I
)


def unwanted_in(text: str) -> list[str]:
    """What a text says must not be there: `without the hat`, `no people`."""
    text = placed["removal"] if (placed := IN_ITS_PLACE.match(text)) else text
    removed = _REMOVED.match(text) or _GONE.match(text)
    found = re.split(r",| and | or ", removed["what"] or removed["undesired"]) if removed else [said.strip() for said in _UNWANTED.findall(text)]
    bare = (_bare(what) for what in found)
    return list(dict.fromkeys(what for what in bare if what and what.lower() not in ("anything", "it", "that", "this")))


def wished_for(text: str) -> str:
    """What of a text belongs into a prompt: nothing of a removal, and no `without the trees`."""
    if placed := IN_ITS_PLACE.match(text):
        return placed["there"]
    if _REMOVED.match(text) or _GONE.match(text):
        return ""
    return re.sub(r"^\W+|\W+$", "", _UNWANTED.sub("", text))


_KEPT = re.compile(r"[,;]?\s*\b(?:but |and )?(?:keep|leave|don't (?:touch|change)|do not (?:touch|change))(?:ing)? (?:the|his|her|its|their|everything|all)\b[^,;]*$", re.I)


def _parted(instruction: str) -> tuple[str, list[str]]:
    said = _KEPT.sub("", instruction) or instruction
    return _unwrapped(wished_for(said)), unwanted_in(said)


def _bare(what: str) -> str:
    return re.sub(
        rf"^(?:{_ARTICLE} )+|,? (?:please|anymore|any more|at all|either|too|as well|in it|there|this time)$",
        "",
        what.strip(),
        flags=re.I,
    )


_WRAPPING = re.compile(
    r"^(?:(?:and|but|only|just|now|then|please|try|keep (?:everything|it all|the rest)(?: the same)?,? but)\s+)*"
    r"(?:(?:the )?same(?: [\w-]+)?,? (?:but |only |just )+|(?:the )?same again,? |(?:the )?same(?: (?:picture|image|photo|scene|shot|thing|one|prompt|subject))?,? "
    r"|(?:make|turn|change|transform|convert|set|put|draw|paint|render|redo|do|have|let|repaint|redraw|restyle) (?:it|this|that|the (?:picture|image|photo|scene)|A\d+|everything)"
    r"(?: (?:be|into|to|as|to be|look(?: like| as)?))*\s+"
    r"|(?:it|this|that) (?:should|could|must|needs to) (?:be |look (?:like )?|have )"
    r"|(?:change|set|switch) (?:the )?(?:style|look|time of day|time|season|weather|scene|setting|mood) (?:to|into) )?"
    r"(?:but |only |as |into |like )*",
    re.I,
)


def _unwrapped(wish: str) -> str:
    """`same but at night` -> `at night`, `make it a castle` -> `a castle`."""
    found = _WRAPPING.match(wish)
    return wish[found.end() :].strip(" ,") if found else wish


# --- the change


def _changed(prompt: str, wish: str) -> Edited:
    """The first kind of change that the words fit; else they are added."""
    if not prompt:
        return Edited(_as_description(re.sub(r"\s+instead$", "", wish, flags=re.I)))
    for change in (_moved, _exchanged, _recoloured, _recounted, _resubjected, _regrouped):
        if (result := change(prompt, wish)) is not None:
            return result
    return Edited(_joined(prompt, _as_description(re.sub(r"\s+instead$", "", wish, flags=re.I))))


_EXCHANGE = (
    re.compile(rf"^(?P<new>.+?),? (?:and )?not (?:{_ARTICLE} )?(?P<old>[\w-]+)$", re.I),
    re.compile(rf"^not (?:{_ARTICLE} )?(?P<old>[\w -]+?)(?:,? but|,) (?P<new>.+)$", re.I),
    re.compile(
        rf"^(?:replace|swap|exchange|substitute|change) (?:{_ARTICLE} )?(?P<old>.+?) (?:with|for|by|against) (?P<new>.+)$",
        re.I,
    ),
    re.compile(
        rf"^(?:change|turn|transform|make) (?:{_ARTICLE} )(?P<old>.+?) (?:to|into) (?P<new>an? .+|\w+s)$",
        re.I,
    ),
    re.compile(
        rf"^(?:make (?:it|that) |with |use |have )?(?P<new>.+?) (?:instead of|rather than|in place of|for) (?:{_ARTICLE} )?(?P<old>.+)$",
        re.I,
    ),
    re.compile(rf"^(?:make )(?:{_ARTICLE} )(?P<old>[\w-]+) (?P<new>an? [\w -]+)$", re.I),
)


_PLACE = re.compile(
    r"^(?:put|place|set|move|drop|take|have|show) (?:it|him|her|them|this|that|the [\w-]+) (?P<place>(?:in|on|at|into|onto|under|by|near|inside|to|beside|among) .+)$"
    r"|^(?:change|replace|swap|make|turn) (?:the |its )?(?:background|backdrop|setting|scenery|surroundings) (?:to|with|into|for|be)? ?(?P<back>.+)$"
    r"|^(?P<alone>(?:on|in|at|under|inside) (?:an?|the) [\w -]+) instead$",
    re.I,
)
_STANDS = re.compile(r" (?:in|on|at|by|near|under|inside|beside|among) (?:an? |the )?[\w' -]+?(?=,|$)", re.I)


def _moved(prompt: str, wish: str) -> Edited | None:
    """`Put him in a forest`, `change the background to a beach`: the last place that is named gives way."""
    said = _PLACE.match(wish)
    if said is None:
        return None
    head, comma, rest = prompt.partition(",")
    places = list(_STANDS.finditer(head))
    bare = head[: places[-1].start()] if places else head
    place = said["place"] or said["alone"]
    new = f"{bare} {place}{comma}{rest}" if place else f"{bare}{comma}{rest}, {said['back'].strip()} in the background"
    return Edited(_tidy(re.sub(r"\binto\b", "in", re.sub(r"\bonto\b", "on", new))))


_COUNTED = re.compile(r"^(?:with |make it |have )?(?P<what>(?:two|three|four|five|six|many|several|a few|a lot of|\d{1,2}|one|only one|a single|an?) [\w -]+?)(?: instead(?: of .+)?| now)?$", re.I)


def _recounted(prompt: str, wish: str) -> Edited | None:
    """`Two foxes`: more of what is there already, in its place."""
    said = _COUNTED.match(wish)
    noun = _stem(said["what"]) if said else None
    if said is None or noun is None:
        return None
    thing = re.search(rf"\b(?:{_SMALL} )?(?P<how>(?:{_STOP}[\w-]+ ){{0,2}}?){noun}\b", prompt, re.I)
    if thing is None:
        return None
    if re.match(r"an? ", said["what"], re.I):
        return Edited(_tidy(prompt[: thing.start()] + said["what"] + prompt[thing.end() :])) if " " in said["what"][2:].strip() else None
    words_of = said["what"].split()
    new = " ".join([*words_of[:-1], *thing["how"].split(), words_of[-1]])
    return Edited(_tidy(prompt[: thing.start()] + new + prompt[thing.end() :]))


def _exchanged(prompt: str, wish: str) -> Edited | None:
    """`replace the fox with a wolf`, `a wolf instead of the fox`: one thing for another, where it stands."""
    for pattern in _EXCHANGE:
        said = pattern.match(wish)
        if said is None or (noun := _stem(said["old"])) is None:
            continue
        thing = re.compile(rf"\b(?:{_SMALL} )?(?:{_STOP}[\w-]+ ){{0,2}}?{noun}\b", re.I)
        found = thing.search(prompt)
        if found is not None:
            new = said["new"].strip()
            head = prompt[: found.start()].strip() == ""
            return Edited(
                _tidy(prompt[: found.start()] + _like(found[0], new) + prompt[found.end() :]), subject=head
            )
        if pattern not in (_EXCHANGE[0], _EXCHANGE[4]):
            return Edited(_joined(prompt, f"with {said['new'].strip()}"))
    return None


_COLOURS = (
    "red|green|blue|yellow|orange|purple|violet|pink|brown|black|white|grey|gray|golden|gold|silver|turquoise|teal|crimson|beige|"
    "cyan|magenta|lilac|emerald|scarlet|navy|ivory|copper|bronze|rainbow|transparent"
)
_COLOURED = re.compile(
    rf"^(?:make|paint|colou?r|turn|dye|change) (?:{_ARTICLE} )(?P<what>[\w -]+?)(?:'s colou?r)? (?:to |into |in )?(?P<how>(?:\w+ly |dark |light |bright |deep |pale )?(?:{_COLOURS}))$"
    rf"|^(?:{_ARTICLE} )(?P<what2>[\w -]+?) (?:should be|must be|in) (?P<how2>(?:dark |light |bright |deep |pale )?(?:{_COLOURS}))$"
    rf"|^(?:{_ARTICLE} )(?P<what5>[\w -]+?)\s*[-:]+\s*(?P<how5>(?:{_COLOURS})(?: (?:{_COLOURS}))?)$"
    rf"|^(?P<how4>(?:dark |light |bright |deep |pale )?(?:{_COLOURS})) (?P<what4>[\w-]+)$"
    rf"|^(?:in )?(?P<how3>(?:dark |light |bright |deep |pale )?(?:{_COLOURS}))$",
    re.I,
)


def _recoloured(prompt: str, wish: str) -> Edited | None:
    """`make the car blue`, `in red`: the thing keeps its place and changes its colour."""
    said = _COLOURED.match(re.sub(r"\s+instead$", "", wish, flags=re.I))
    if said is None:
        return None
    how = next(said[f"how{n}"] for n in ("", 2, 3, 4, 5) if said[f"how{n}"])
    what = next((said[f"what{n}"] for n in ("", 2, 4, 5) if said[f"what{n}"]), None)
    noun = _stem(what) if what else None
    if what and (noun is None or not re.search(rf"\b{noun}\b", prompt, re.I)):
        return Edited(_joined(prompt, f"{how} {what}"))
    before = (
        rf"(?P<keep>(?:{_STOP}[\w-]+ ){{0,2}}?)(?P<noun>{noun})\b" if noun else r"(?P<keep>)(?P<noun>[\w-]+)"
    )
    coloured = re.compile(rf"\b(?:(?:dark|light|bright|deep|pale) )?(?:{_COLOURS}) {before}", re.I)
    if coloured.search(prompt):
        return Edited(coloured.sub(lambda m: f"{how} {m['keep']}{m['noun']}", prompt, count=1))
    if noun is None:
        return Edited(_joined(prompt, f"in {how}"))
    return Edited(re.sub(rf"\b((?:{_STOP}(?!{_SMALL}\b)[\w-]+ ){{0,2}}{noun})\b", rf"{how} \1", prompt, count=1, flags=re.I))


_SUBJECT = re.compile(
    r"^(?P<lead>(?:an? |the )?(?:[\w-]+ )?(?:portrait|photo|picture|image|painting|drawing|sketch|logo|poster|icon|close-up|illustration) of )?"
    r"(?P<what>(?:an? |the |two |three |four |some )?[\w' -]+?)(?P<rest>(?=,|$)| (?:in|on|at|under|over|by|with|wearing|holding|riding|near|next|beside|behind|during|"
    r"flying|sitting|standing|running|sleeping|asleep|curled|leaning|watering|crossing|playing|reading|walking|jumping|eating|drinking|above|below|among|inside|full|against|covered|made|that|who)\b)",
    re.I,
)
_NEW_SUBJECT = re.compile(
    rf"^(?P<what>{_SMALL} [\w' -]+?)(?: instead| this time| now)$|^(?P<only>an? [\w' -]+)$", re.I
)


def _resubjected(prompt: str, wish: str) -> Edited | None:
    """`a castle instead`: what the picture is of changes, where it is and how it is made stays."""
    said = _NEW_SUBJECT.match(wish)
    found = _SUBJECT.match(prompt)
    if said is None or found is None or _group_of(wish) is not None:
        return None
    new = said["what"] or said["only"]
    return Edited(_tidy((found["lead"] or "") + new + prompt[found.end("what") :]), subject=True)


def _group_of(text: str) -> str | None:
    return next((name for name, pattern in PATTERNS.items() if pattern.search(text)), None)




def _regrouped(prompt: str, wish: str) -> Edited | None:
    """`at dawn` where it was night, `pencil sketch` where it was an oil painting: the one takes the other's place."""
    group = _group_of(wish)
    if group is None or (group != "style" and len(wish.split()) > 5):
        return None
    return _regrouped_as(group, prompt, re.sub(r"\s+instead$", "", wish, flags=re.I))


def _regrouped_as(group: str, prompt: str, wish: str) -> Edited:
    if group == "style" and (of := STYLE_OF.match(prompt)) is not None:
        return Edited(_like(of["style"], wish) + prompt[of.end("style") :])
    rest = _tidy(PATTERNS[group].sub("", prompt))
    return Edited(_joined(rest or prompt, _as_description(wish)))


# --- small things

_ADDED = re.compile(
    r"^(?:add|put|place|insert|include|give (?:it|him|her|them|the \w+)|have|let there be|there should be|it needs|needs)\s+(?P<what>.+?)"
    r"(?: (?:to|into|in|on) (?:it|this|that|the (?:picture|image|photo|scene)))?$",
    re.I,
)
_MADE = re.compile(rf"^make (?:{_ARTICLE} )(?P<what>[\w-]+(?: [\w-]+)?) (?P<how>[\w-]+(?: [\w-]+)?)$", re.I)


_BECOME = re.compile(r"^(?:make|let|have) (?:it|him|her|them) (?:be |look )?(?P<how>.+)$", re.I)


_DOING = re.compile(rf"^(?:{_ARTICLE} )[\w-]+(?: [\w-]+)? (?:should|must|could|has to|needs to) (?:be |look )?(?P<how>.+)$", re.I)
_VERB = re.compile(r"^(?:have (?:it|him|her|them|the [\w-]+) )?(wear|hold|carry|smile|run|sleep|sit|stand|jump|fly|swim|dance|laugh|eat|drink|read|wave|walk|ride|climb)\b", re.I)


def _gerund(verb: str) -> str:
    """`run` -> `running`, `smile` -> `smiling`."""
    if verb.endswith("e"):
        return f"{verb[:-1]}ing"
    return f"{verb}{verb[-1]}ing" if verb.lower() in ("run", "sit", "swim") else f"{verb}ing"


def _as_description(wish: str) -> str:
    """`add a moon` -> `with a moon`, `make the sky purple` -> `purple sky`: what is there afterwards."""
    if added := _ADDED.match(wish):
        return f"with {added['what']}"
    if doing := _DOING.match(wish):
        return doing["how"] if doing["how"] else wish
    if verb := _VERB.match(wish):
        return f"{_gerund(verb[1])}{wish[verb.end() :]}"
    if become := _BECOME.match(wish):
        return become["how"]
    if made := _MADE.match(wish):
        return f"{made['how']} {made['what']}"
    return wish


def _like(old: str, new: str) -> str:
    """With an article where the old one had one."""
    article = re.match(r"(?:an?|the|his|her|its|their)\b", old, re.I)
    if article and not re.match(rf"{_SMALL}\b", new, re.I) and not new.endswith("s"):
        return f"{'an' if new[:1].lower() in 'aeiou' else 'a'} {new}"
    return new


def _stem(what: str) -> str | None:
    """A pattern of the last noun of a phrase, one or many of it."""
    nouns = [word for word in re.findall(r"[\w'-]+", what.lower()) if len(word) > 2]
    if not nouns:
        return None
    noun = nouns[-1]
    plain = re.sub(r"(?<=[^s])s$", "", re.sub(r"(?<=x|s)es$|(?<=ch|sh)es$", "", re.sub(r"ies$", "y", noun)))
    return rf"(?:{re.escape(plain)}(?:e?s)?|{re.escape(noun)})"


def _joined(prompt: str, more: str) -> str:
    return ", ".join(part for part in (prompt, more.strip(" ,")) if part)


def _tidy(prompt: str) -> str:
    """No doubled spaces or commas, no word left hanging at the end."""
    prompt = re.sub(r"\s+([,.])", r"\1", re.sub(r"\s{2,}", " ", prompt))
    prompt = re.sub(r"(?:,\s*){2,}", ", ", prompt)
    return re.sub(r"^[\s,]+|[\s,]+$|,? (?:and|with|in|on|at|under)$", "", prompt.strip())
