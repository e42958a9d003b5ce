"""The shapes that sentences of making and changing have. Pure patterns with a name each."""

from __future__ import annotations

import re

from agent.embedded.references import ORDINAL, PRONOUN, THING

_STRONG = (
    "generate|create|draw|paint|imagine|render|design|sketch|produce|visuali[sz]e|illustrate|depict|"
    "compose|craft"
)
_WEAK = "make|give|show|get|find|do"
_ONE_WITH = r"(?:another |a new )?one (?:with|in|at|where|that|without|as)\b"
_DEGREE = (
    r"(?:(?:a|an) (?:(?:tiny |little |wee )?bit|touch|tad|smidge|lot|hint|dash|little (?:more|less|bit|"
    r"\w+er))\b)"
)

CREATE = re.compile(rf"^/?(?:{_STRONG}|{_WEAK})(?: up)?(?: (?:me|us))?\s+(?P<what>\S.*)$", re.I)
STRONG_CREATE = re.compile(rf"^/?(?:{_STRONG})\b", re.I)
NEW_THING = re.compile(
    rf"^(?!{_DEGREE}|a little to\b|{_ONE_WITH}|an? (?:similar|different) (?:one|picture|image)\b)(?:(?:an?|some|another|one|two|three|"
    rf"four|five|six|several|\d{{1,2}}(?!\s?[:x%]|\s?(?:px|pixels|k|p|percent|degrees)\b))\s+(?!more\b)\S"
    r"|(?:new )?(?:picture|image|photo|photograph|painting|portrait|drawing|illustration|wallpaper|poster|"
    r"logo|sketch)s? (?:of|showing|with)\b)",
    re.I,
)
#: Newness said aloud, and of what.
FRESH = re.compile(
    r"^(?:(?:let's |now |please |show me |give me |make |do |try |draw |paint |create |generate )*)"
    r"(?:(?:something|anything) (?:else|(?:completely |entirely |totally )?(?:different|new))(?: entirely|"
    r" completely| altogether)?|"
    r"(?:a |an )?(?:(?:completely|entirely|totally|brand) )?(?:new|different|another|fresh) (?:picture|image|"
    r"photo|drawing|one|scene|subject|topic)|"
    r"(?:new|different|next) (?:picture|image|idea|topic|subject|prompt)|forget (?:that|it|this)|start over|"
    r"from scratch)"
    r"(?:,? please)?(?:\s*[:,-]+\s*|\s+(?:of|with|showing)\s+|\s+(?=an? ))(?P<what>(?!but\b|"
    r"with a different\b|like\b)\S.*)$",
    re.I,
)
#: New, and nothing said of what.
SOMETHING_ELSE = re.compile(
    r"^(?:(?:let's |now |show me |give me |make |do |try |draw |paint |create |generate |i want )*)"
    r"(?:(?:something|anything) (?:else|(?:completely |entirely |totally )?(?:different|new))(?: entirely|"
    r" completely| altogether)?|start over|from scratch|"
    r"an? (?:completely |entirely |totally )?(?:new|different) (?:picture|image|photo|drawing|scene|subject|"
    r"topic)|"
    r"(?:generate|create|draw|paint|make|render|imagine|design|sketch)(?: me)?(?: (?:an?|some|another|the)"
    r"(?: new| nice)? (?:picture|image|photo|drawing|painting|sketch|art|artwork)s?)?|"
    r"surprise me|anything|whatever)$",
    re.I,
)
#: A picture shown, not a wish: `here is my photo`.
PRESENTED = re.compile(
    r"^(?:(?:here(?:'s| is| are)|this is|these are|that's|look at|meet|i have|i took|"
    r"attached(?: is)?)\b(?: (?:my|our|a|an|the|some|me|us|this|these)\b.*)?"
    r"|(?:my|a|the|some) (?:\w+ )?(?:photos?|pictures?|images?|uploads?))$",
    re.I,
)
DISLIKED = re.compile(
    r"^(?!.*\bi meant\b)(?:that's|it's|this is|that is|it is) not (?:what|how|right|good|it\b|quite)|"
    r"^(?!.*\bi meant\b)not (?:what i|quite|right|good)|"
    r"^(?:it|this|that) (?:came out|turned out|looks) (?:all )?(?:wrong|bad|awful|terrible|ugly|weird)$|"
    r"^i (?:don't|do not|didn't|did not|hate|dislike)\b(?: (?:really|quite|much))?(?: like\b| love\b|"
    r"(?= (?:it|this|that|the)\b))(?!.*\b(?:make|try|again|another)\b)",
    re.I,
)
OF_A_PICTURE = re.compile(
    r"^(?:an?|the|some|new|another|one|two|three|four|five|six|seven|eight|nine|ten|twelve|\d{1,4}|a few|a couple of|several|\d{1,2})? ?(?:(?:new|different|more|other|nice|"
    r"good|beautiful|quick) )*"
    r"(?:picture|image|pic|render|drawing|variation|version)s? (?:of|showing|with|that shows?|depicting) ",
    re.I,
)
#: `Of the castle`: something that the picture at hand need not be. `Of the picture`, `of my photo` is one that is there.
OF_A_THING = re.compile(rf"\bof (?:the|my|that|this) (?!(?:[\w-]+ )?{THING}\b)\w", re.I)
OF_SOMETHING = re.compile(r"\b(?:of|with) (?!it\b|this\b|that\b|them\b|these\b|those\b|A\d)", re.I)

#: Drawn once more, in another format.
REDO = re.compile(
    r"\b(?:re-?do|re-?draw|re-?make|re-?paint|re-?render|re-?generate|re-?create|again|instead|once more|anew|from scratch|"
    r"(?:draw|paint|make|render|generate|create) (?:it|this|that) (?:again|anew|new)|same (?:prompt|seed|picture|words|thing|but)|"
    r"would (?:fit|be|look|work) better|i(?:'d| would) (?:prefer|rather))\b",
    re.I,
)
#: Words about the picture itself that stand beside a setting.
SAME_WORDS = re.compile(
    r"\b(?:same (?:prompt|picture|image|words|everything(?: else)?|settings?|rest|seed|one)|(?:the )?prompt|everything else|the rest|"
    r"re-?do|re-?draw|re-?make|re-?run|re-?paint|re-?render|re-?generate|re-?create|run|sampling|denois\w*|guidance|cfg|seed|steps?|"
    r"strength|negative(?: prompt)?|fit better|roll the dice|number|orientation|portrait|landscape|square|format|fits?|would|better|prefer|phone|desktop|screen|wallpaper|banner|story|reel|"
    r"tiktok|youtube|instagram|thumbnail)\b",
    re.I,
)

_AGAIN = (
    r"(?:try (?:it |that |this )?again|again|roll (?:the dice|it)(?: again)?|once (?:more|again)|one more(?: time| try)?|another (?:one|two|three|four|\d|few|"
    r"try|go|take|version)|retry|re-?roll|redo|regenerate|repeat)"
)
_ALIKE = (
    r"(?:(?:more |another |one |some |something |new )*(?:similar|different|alternative|alternate|other|"
    r"new)(?: \w+)?|more|another(?: one)?|one more|\w+ more)"
)
_VARIATIONS = (
    r"(?:variations?|variants?|options|choices|alternatives?|alternates?|takes|(?:different |more |other |alternative |alternate |"
    r"new )(?:versions?|options?)|versions(?= of (?:it|this|that|A\d)|$)|version(?= of (?:it|this|that|A\d)))"
)
_SEED = (
    r"(?:,? (?:(?:with|using|but|and) )?(?:with )?(?:an?|some|the)? ?(?:different|new|other|another|random|fresh) [\w-]+)"
)
_SAME_WORDS = (
    r"(?:the )?same (?:prompt|words|thing|picture|one|again),? ?(?:but |and )?(?:with )?(?:an?|another)? ?"
    r"(?:different|new|other|another|random) seed"
)
_VERB = (
    r"(?:(?:make|give|show|get|do|create|generate|draw|paint|render|try|want|need|have|see)(?: me| us)? )?"
)
_COUNTED = r"(?:an?|some|a few|a couple of|several|\w+)"
VARY = re.compile(
    rf"^{_VERB}(?:"
    rf"{_AGAIN}(?: (?:it|that|this|please|A\d+))?{_SEED}?"
    rf"|(?:it|that|this) {_AGAIN}{_SEED}?"
    rf"|(?:{_COUNTED} )?(?:more |other |new |different )*{_VARIATIONS}"
    rf"(?: (?:of|on|from|for) (?:it|A\d+|(?:this|that|the|my)(?: [\w-]+){{0,3}}))?{_SEED}?"
    rf"|{_SAME_WORDS}"
    rf"|{_COUNTED}(?: (?:more|other|new))?(?: (?:pictures?|images?|options?|ideas|choices|shots))?(?: more)? of (?:it|this|that|those|these|them)"
    rf"|(?:{_COUNTED} )?{_ALIKE} (?:like|as|to) (?:it|this|that|A\d+|the \w+ one)"
    rf"|(?:a |an )?(?:different|new|similar)(?: one| picture| image| version)|something similar(?: to (?:it|"
    rf"this|that))?"
    rf"|(?:use |with |try )?(?:an?|another) (?:different|new|other|random)? ?seed"
    r")$",
    re.I,
)

#: `scarier`, `cuter`; `\w+er` would take every tower and river for one.
_COMPARATIVES = (
    r"(?!soldier|pier\b|glacier|carrier|barrier|courier|frontier|chandelier|cashier|terrier|premier)\w+ier|"
    r"bigger|smaller|larger|older|"
    "younger|darker|lighter|brighter|cuter|nicer|cleaner|stronger|weaker|taller|shorter|longer|wider|wilder|"
    "stranger|weirder|hotter|"
    "closer|denser|fuller|bolder|simpler|rounder|fatter|thinner|slimmer|deeper|richer|rougher|smoother|newer|"
    "higher|lower|greener|redder|"
    "bluer|whiter|blacker|softer|sharper|warmer|cooler|colder|calmer|cleverer|fancier|better|gentler|braver|"
    "grander|fresher"
)
#: Verbs that only make sense on something that is there.
_CHANGE_VERBS = (
    "add|remove|delete|erase|replace|put|place|insert|include|change|swap|turn|transform|restyle|reimagine|"
    "repaint|convert|"
    "apply|edit|modify|adjust|alter|keep|get rid|take (?:away|out|off)|let|set|write|use|fix|repair|retouch|"
    "enhance|improve|clean|"
    "colou?ri[sz]e|extend|expand|zoom|move|shift|dress|cover|fill|hide|open|close|switch|exchange|drop|"
    "cut out|crop out|"
    "bring|push|pull|lose|leave out|redraw|restore|beautify|age|mix|blend|merge|combine|attach|wrap|decorate|"
    "surround|light|relight"
)
_TIMES = (
    "at (?:night|dawn|dusk|sunset|sunrise|noon|midnight|twilight|day|golden hour|blue hour|christmas|"
    "halloween)|"
    "in (?:the )?(?:winter|summer|spring|autumn|fall|rain|snow|fog|mist|dark|evening|morning|night|daylight|"
    "daytime|sunlight|moonlight|"
    "background|foreground|desert|forest|city|mountains|future|past|space|water)|in (?:full )?colou?r|"
    "by (?:night|day|candlelight|moonlight)|"
    "under (?:water|the|a)|underwater|during|on (?:mars|the moon|fire|a|the)|inside|outside|outdoors|indoors"
)
_PARTS = r"(?:the|her|his|their|its|my|these|those|that|this|all|every|everyone|everybody|everything)"
CHANGES: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"^(?:{_CHANGE_VERBS})\b",
        rf"^(?:make|give|paint|colou?r|turn|have|get|let|want|need|draw|sketch|render) (?:it|{_PARTS}|him|"
        rf"her|them|A\d+)\b",
        r"^(?:make|render|get) (?:\w+ )?(?:more|less|fewer|\w+er)\b",
        rf"^(?:{_TIMES})\b",
        r"^(?:(?:a (?:little |tiny )?(?:bit|touch|tad|lot|hint|dash)(?: of)?|slightly|somewhat|much|way|even|"
        r"far|a little|lots|lots of|plenty of) )?"
        r"(?:more|less|fewer|no more|no|not so|not as|without|with|minus|plus|extra|additional|too much|"
        r"too many|not enough)\b",
        r"^a (?:(?:little |tiny )?bit|touch|tad|lot|hint|dash) (?:of )?\w+",
        rf"^(?:(?:slightly|somewhat|much|way|even|far|a little|a lot) )?(?:{_COMPARATIVES})(?: \w+)?$",
        r"^(?:in (?:the|a|an)? ?(?:\w+ ){0,3}(?:style|mood|look|palette|colou?rs|outfit|dress)|in the style|"
        r"as (?:an?|if|in)|like (?:an?|in|it|from|the))\b",
        r"\b(?:version|style|look|vibes?|mood|aesthetic|theme)$",
        r"^not (?:the |an? )?[\w -]+(?:,| but) \S",
        r"^i (?:don't|do not) want (?:any |the |to see )*\w+(?: \w+)?$",
        rf"^{_PARTS} [\w -]+ in (?:dark |light |bright )?(?:red|green|blue|yellow|orange|purple|violet|pink|brown|black|white|gr[ae]y|gold|silver)$",
        r"^(?:in|as) (?:an? )?(?!front|case|order|fact|general|total|love|you|it|for|soon|if|well)[\w-]+(?: [\w-]+){0,2}$",
        rf"^{_PARTS} .*\b(?:should|must|needs?|has to|have to|could|ought|is too|are too|isn't|aren't|looks?|"
        rf"is missing|doesn't|don't)\b",
        rf"^(?:too (?:many|much|few)|not enough|there (?:is|are|should|could)|i (?:don't|"
        rf"do not) want (?:to see )?{_PARTS})\b",
        r"^(?:it|this|that)(?:'s| is| should| could| needs| looks)\b",
        r"^(?:the )?same\b|^(?:an? |something )?(?:similar|different)\b",
        r"\b(?:instead of|rather than|in place of) (?:an? |the |his |her |its )?\w|\binstead$",
    )
)  # fmt: skip
#: Content by its verb, whatever words follow: `add warm light`.
CONTENT = re.compile(
    r"^(?:add|put|place|insert|remove|replace|erase|without|delete|write|include)\b(?! (?:some |more |"
    r"a bit of |a little |a touch of |a |the |all |any )?"
    r"(?:\w+ )?(?:contrast|saturation|vibrance|brightness|warmth|blur|sharpness|exposure|sepia|punch|pop|"
    r"colou?r)\b)",
    re.I,
)
_COMMAND = re.compile(
    r"^(?:make|crop|trim|cut|rotate|turn|flip|mirror|invert|re-?size|scale|up-?(?:scale|res|size|sample)|"
    r"enlarge|shrink|blow|blur|soften|"
    r"sharpen|brighten|darken|lighten|desaturate|saturate|mute|dim|more|less|slightly|much|a bit|a little|"
    r"a lot|convert|increase|decrease|"
    r"reduce|raise|lower|boost|bump|crank|add|tone|warm|cool|too|not|give|double|halve|bigger|smaller|change|"
    r"adjust|set|apply|remove|drop|"
    r"dial|bring|the colou?rs|it|this|that|\w+er\b)",
    re.I,
)
_ANOTHER_VERSION = re.compile(
    r"^(?:(?:an?|another|the|some|\w+) )?(?:[\w-]+ (?:and [\w-]+ )?){0,4}(?:version|copy|variation|variant|"
    r"take|edition|rendition)s?\b"
    r"(?:$|,| (?:of (?:it|this|that|the (?:same|\w+ one|picture|image|photo)|A\d+)|in|with|at|as|without|"
    r"where|that|too|instead)\b)"
    rf"|^{_ONE_WITH}"
    r"|\bout of (?:it|this|that|A\d+)\b|^(?:an? )?similar\b|^something (?:similar|like)\b|^the same\b",
    re.I,
)
_COLOURS = (
    "red|green|blue|yellow|orange|purple|violet|pink|brown|black|white|gr[ae]y|golden|gold|silver|turquoise|"
    "teal|crimson|beige|"
    "darker|lighter|brighter|bigger|smaller|larger|taller|longer|shorter|wider|thinner|older|younger|happy|"
    "sad|transparent|colorful|colourful"
)
_ENDS_AS_CHANGE = re.compile(rf"\b(?:{_COLOURS})$", re.I)
_PLACED = re.compile(
    r"\b(?:on|onto|next to|beside|behind|in front of|over|above|under|below|around|near|to|into|in|inside|"
    r"with) "
    r"(?:(?P<pronoun>it|him|her|them|this|that|A\d+)$|the (?P<noun>[a-z]{3,})$)",
    re.I,
)
_ABOUT = re.compile(
    rf"^(?:it|its|this|that|them|these|those|him|her|everything|everyone|everybody|A\d+)\b|^(?:my|her|his|"
    rf"their|this|that|the (?:same|{ORDINAL}|{THING}))\b",
    re.I,
)


#: `A wolf instead of the fox`: an exchange, however new its first words sound.
EXCHANGE = re.compile(
    r"^(?:an? |the |some )?[\w' -]+ (?:(?:instead of|rather than|in place of) (?:an? |the |his |her |its )?\w|instead$)|^(?:an? )?[\w -]+?,? (?:and )?not (?:an? |the )\w+$", re.I
)


def is_command(text: str) -> bool:
    """It begins as an order or a complaint about a picture does."""
    return bool(_COMMAND.match(text)) or bool(PRONOUN.search(text))


def opens_new(text: str) -> bool:
    """It begins as the description of a new picture does."""
    return bool(NEW_THING.match(text)) or bool(STRONG_CREATE.match(text))


def needs_picture(text: str) -> bool:
    """Even with no picture there, it speaks of one: `add a hat`, `make it winter`, `same but at night`."""
    verbs = (
        r"add|remove|delete|erase|replace|put|insert|change|swap|restyle|repaint|convert|edit|modify|"
        r"enhance|fix|colou?ri[sz]e"
    )
    return bool(
        re.match(
            rf"(?:{verbs})\b|(?:make|turn|give) (?:it|this|that|him|her|them)\b|(?:the )?same\b", text, re.I
        )
    )


def points(what: str) -> bool:
    """`it`, `this`, `A3`: there must be a picture for these words to mean anything."""
    return re.match(r"(?:it|this|that|them|these|those|A\d+)\b", what, re.I) is not None


def changes_what_is_there(what: str, text: str, known: frozenset[str] | None, has_picture: bool) -> bool:
    """`it like van Gogh`, `the walls white`, `a hat on the cat`: the object of a verb of making that is no new picture.

    `known` are the words of the picture that is there, None for one that nobody described.
    """
    if not has_picture:
        return points(what)
    if _ABOUT.match(what) or _ANOTHER_VERSION.search(what):
        return True
    if placed := _PLACED.search(what):
        noun = placed["noun"]
        if placed["pronoun"] or known is None or noun.lower() in known:
            return True
    if re.match(r"the\b", what, re.I):
        named = set(re.findall(r"[a-z]{3,}", what.lower()))
        return (
            not STRONG_CREATE.match(text)
            or bool(_ENDS_AS_CHANGE.search(what))
            or bool(known and named & known)
        )
    return not NEW_THING.match(what) and bool(_ENDS_AS_CHANGE.search(what)) and not STRONG_CREATE.match(text)
