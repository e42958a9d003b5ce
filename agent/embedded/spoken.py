"""What is said about the work rather than asked of it: yes, stop, go back, how much, help, hello. Pure tables."""

from __future__ import annotations

import re

from agent.embedded.references import HANDLE, ORDINAL, THING

_SO = (
    r"(?: (?:it|this|that|now|please|everything|all|all of it|the \w+|rendering|generating|working|then|"
    r"for now))*"
)
_NO = (
    r"(?:no|nope|nah|no thanks?|no thank you|better not|rather not|not now|don't(?: do (?:it|that))?|"
    r"do not|i don't want (?:it|that|this))"
)
_YES = (
    r"(?:yes|yep|yeah|yup|sure|ok|okay|confirm|confirmed|go ahead|do it|run it|start(?: it)?|proceed|go|"
    r"go for it|"
    r"sounds good|that's fine|fine|alright|agreed|of course|absolutely)"
)
_POINTED = (
    rf"(?:the (?:original|initial|source|previous|earlier|last|latest|other|{ORDINAL})(?: {THING})?\b|"
    rf"{HANDLE.replace('?P<number>', '')}|(?:the|this|that|my) (?:\w+ )?{THING}\b|{THING} #?\d+\b|the one before\b)"
)

_WHAT_UNDO = (
    r"(?:(?:it|that|this)(?: (?:last )?(?:one|change|edit|step))?|the last \w+(?: \w+)?|the \w+|my last \w+|(?:two|three|four|\d) (?:steps|times|changes)|twice|"
    r"to before|all (?:of )?that)"
)

_EXCLAIMED = r"wow+|omg|haha+|hehe+|lol|damn|dang|whoa|yay|ooh+|ah+|aww+|oh my(?: god)?|holy \w+|yes+|hell yeah|yum|ha"
_PRAISED = (
    r"great|awesome|perfect|nice|beautiful|lovely|cool|amazing|excellent|good|gorgeous|fantastic|wonderful|stunning|adorable|cute|sweet|"
    r"brilliant|superb|slaps?|rocks?|rules?|fire|lit|sick|dope|epic|incredible|insane|neat|fab|fabulous|sublime|spot on|on point|not bad(?: at all)?|pretty good|good bot|nice job|good one|a vibe|chef's kiss|"
    r"hilarious|funny|impressive|love it|loving it|spectacular|magical|well done|good job|nice one|exactly (?:what i wanted|right|it)|better"
)

_TABLE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("control.cancel", (
        r"^(?:please |actually,? |never mind,? |oh |no,? )*(?:cancel|stop|abort|scrap|drop|kill|forget)(?: (?:it|that|this|everything))?(?: (?:now|please|all|one))*$",
        rf"^(?:please |actually,? |never mind,? |oh |no,? )*(?:cancel|stop|abort|halt|kill|scrap|drop|never ?mind|nvm|forget)(?: about)?(?: rendering| making| generating)?"
        rf" (?:the |that |this )?(?:\w+ )?(?:{THING}|run|job|render|request|thing)(?: now| please)?$",
        rf"^(?:actually,? )?(?:cancel|stop|abort|halt|quit|never ?mind|kill|forget(?: about)?)\b{_SO}$",
    )),
    ("control.confirm", (rf"^{_YES}(?:[ ,]+(?:please|{_YES}|then|now|with it))*$",)),
    ("control.decline", (
        r"^(?:no|nah|nope|hmm)?[, ]*(?:(?:that|it)(?:'s| is) )?(?:way |much |far )?too (?:expensive|pricey|dear|slow|many credits)$",
        rf"^{_NO}(?:[ ,]+(?:please|thanks|thank you|{_NO}))*$",)),
    ("control.undo", (
        rf"^(?:please |actually |no,? |ok(?:ay)?,? |can you )*(?:undo|revert|ctrl[ +-]?z|roll ?back|take (?:that|it) back)(?: {_WHAT_UNDO})?(?: (?:please|pls|again))?$",
        r"^(?:please )?(?:go|take me|step|take it) back(?: (?:one|a|two|three|four|\d) (?:steps?|versions?|changes?|edits?))?$",
        r"^(?:please )?(?:remove|delete|drop|lose|cancel|forget|reverse) (?:the|that|my|your) (?:last|latest|previous) (?:change|edit|step|one|thing|modification|adjustment)s?$",
        r"^back to colou?r$|^(?:put|bring|get) (?:the )?colou?rs? back$|^bring back (?:the )?colou?rs?$",
        r"^i liked (?:it|that) (?:better|more) before(?: that)?$|^(?:that|it|this) (?:was|looked) better before(?: that)?$",
        r"^(?:put|change|turn) (?:it|that|this) back(?: (?:to )?(?:how|the way) it was)?(?: before)?$",
    )),
    ("control.redo", (r"^(?:please )?redo(?: (?:it|that|the (?:last )?(?:change|step|edit)))?$|^(?:go|step) forward(?: again| (?:a|one) step)?$|^undo the undo$",)),
    ("control.select", (
        rf"^(?:i(?:'d| would) like to |i want to |let's |can (?:we|i|you) |could (?:we|i|you) |let me |please |just )*(?:(?:go|get|come|switch|move) back to|return to|work on|work with|continue (?:with|from)|carry on with)"
        rf" {_POINTED}(?: (?:now|again|please|instead))*$",
        rf"^(?:can|could|may) (?:i|we) (?:have|get|see) {_POINTED}(?: (?:back|again|please))*$",
        rf"^(?:go back|back|return|revert|switch|change back) to {_POINTED}.{{0,40}}$",
        rf"^(?:show|let me see|give)(?: me)? {_POINTED}(?: (?:again|please))?$",
        rf"^(?:select|pick|choose|take|use|continue with|work with|work on|keep|let's use|"
        rf"let's take) {_POINTED}(?: (?:again|instead|then))?$",
        rf"^i (?:like|liked|prefer|preferred|love|loved|want|choose) {_POINTED}(?: (?:better|best|more|most|"
        rf"again|instead))?$",
        rf"^{_POINTED}$",
        rf"^{_POINTED} (?:is|was|looks|looked) (?:\w+ )?(?:better|best|nicer|nicest|good|great|perfect|"
        rf"fine)$",
    )),
    ("control.correct", (
        rf"^(?:no,? |nope,? |sorry,? |wait,? )*(?:i (?:meant|mean)|not (?:that|this|it|{_POINTED})(?: one)?,? ?(?:but|i meant|use|take)?) (?:to use |with )?{_POINTED}$",
        rf"^(?:no|nope|sorry|wait|actually|oops),? (?:on |with |use )?{_POINTED}$",
    )),
    ("control.forget", (
        r"^(?:delete|remove|erase|forget|trash|destroy) (?:A\d+|(?:this|that|the \w+|my) (?:pictures?|images?|photos?|one|"
        r"conversation|chat|data|history)|all my (?:data|pictures|photos|images)|everything about me)$",
    )),
    ("control.forget", (r"^(?:please )?(?:delete|erase|wipe|clear|remove) (?:everything|all|it all|all of (?:it|them|this)|(?:the|this|my) (?:whole )?(?:conversation|chat|history))$",)),
    ("control.save", (
        r"^(?:can|could|may) (?:i|we|you) (?:please )?(?:have|get|save|download|export|send|give me) (?:it|this|that|them|a\d+|the \w+)? ?(?:as|in|to) (?:an? )?(?:jpe?g|png|webp|tiff?|pdf|gif|bmp|file)\b.*$",
        r"^(?:how|where) (?:do|can|could|would) i (?:save|download|export|keep|find|get) (?:it|this|that|them|my|the|a\d+)\b.*$|^where(?:'s| is| are) (?:my|the) (?:pictures?|images?|photos?|file)s?\b.*$",
        r"^(?:please )?print (?:it|this|that|a\d+|them)(?: out)?(?: please)?$",
    )),
    ("discover.upload", (
        r"^(?:i (?:want|would like|'d like|need) to|how (?:do|can|should) (?:i|you)|can i|where (?:do|can) i|let me) "
        r"(?:upload|send|attach|share|add|use|drop) (?:you )?(?:an?|my|some|your own|own) (?:\w+ )?(?:photos?|pictures?|images?|files?)\b.*$",
    )),
    ("chat.leave", (
        r"^(?:but |and )?(?:leave|keep) (?:the rest|everything else|all else|the others?(?: ones?| \w+)?|it|that|this|a\d+|them)"
        r"(?: exactly)? (?:alone|as (?:it|they) (?:is|are)|as is|untouched|unchanged|the same|like that)$",
    )),
    ("chat.leave", (r"^(?!.*\b(?:but|except|other than)\b)(?:please )?(?:don't|do not|never) (?!forget|you|mind)\w+\b.*$",)),
    ("control.save", (r"^(?!keep the (?:top|bottom|left|right|middle|cent(?:er|re)|rest|pose|composition|colou?rs?|seed|style)\b)(?:(?:save|download|export|keep|store|send)\b(?: me)? ?(?:it|this|that|the \w+|"
                      r"a\d+)?(?: (?:as|to|in|on|for)\b.*)?)$",)),
    ("query.cost", (
        r"\bhow (?:much|expensive)\b(?!.*\b(?:time|longer)\b)",
        r"\b(?:costs?|price|pricing|credits)\b.*\?|^(?:what|what's|what is|how|does|do|will|"
        r"tell me)\b.*\b(?:costs?|price|pricing|charge)\b",
        r"\bhow many credits|^(?:is|are) (?:it|this|that|they|you) (?:for )?free|\bset me back\b|"
        r"\bdo i (?:have to )?pay\b",
    )),
    ("query.time", (r"\bhow (?:long|much (?:time|longer)|soon|fast)\b|^when (?:will|is|are|can|does)\b|"
                    r"\beta\b",)),
    ("query.status", (
        r"^(?:is|are) (?:it|you|that|this|they|we) (?:done|ready|finished|still|working|running|there)\b",
        r"\bstatus\b|^how far\b|^(?:what|how)(?:'s| is) (?:happening|going on|it going|the progress|"
        r"my place)\b|\bstill (?:working|running|rendering)\?",
    )),
    ("query.params", (
        r"^(?:what|which)(?:'s| is| was| were| are| about)? (?:the )?(?:seed|prompt|model|checkpoint|"
        r"settings?|parameters?|size|resolution|dimensions?|steps|tool|words)\b(?! (?:can|could|do you have|"
        r"are there|exist))",
        r"^how (?:big|large|wide|tall|high) is\b|^how (?:was|were|did you make|did you do) (?:it|this|that|"
        r"these|a\d)\b|^(?:show|tell) me the (?:prompt|seed|settings|parameters)\b",
    )),
    ("query.made", (r"^(?:(?:can|could) you )?(?:tell|show|explain)(?: to)?(?: me)? how (?:you|it|this|that)\b.*$",)),
    ("query.why", (r"^(?:but )?why\b(?! (?:not|don't you)\b)|^what (?:went wrong|happened)\b",)),
    ("discover", (
        r"^what (?:all )?(?:can|could|else can|else could|would) (?:i|you|we|one|be)\b(?! (?:see|have))",
        r"^(?:what|which) (?:other |kinds? of |sorts? of )?(?:tools?|things|features|options|models|effects|"
        r"styles|edits|changes|possibilities|commands)\b",
        r"^(?:help|help me|\?+|what now|what next|what else|how does (?:it|this|that) work)$",
        r"^(?:how do|how can|how to|how should)\b",
        r"\bwhat are (?:your|the|my) (?:tools|options|features|possibilities|choices|abilities)",
        r"^(?:show|list|give)(?: me)? (?:the |all |your |all the |a list of |all your )*(?:tools|features|"
        r"options|possibilities|commands|help|examples)\b",
        r"^what (?:do|does) (?:you|it|this)\b.*\bdo\b|^what(?:'s| is| else is) possible|^do you (?:have|"
        r"support|know)\b|^are you able\b",
        r"^(?:can|could) (?:i|you|we|it|this) (?:also |even )?\w+(?: with)?"
        r"(?: (?!it\b|this\b|the\b|me\b)\w+)? (?:videos?|animations?|music|sounds?|audio|3d(?: \w+)?|gifs?|"
        r"photos|pictures|images|files|models?|more|anything|everything|things|loras?)(?: too| as well|"
        r" here)?\??$",
        r"^(?:can|could|do|does|is|are) (?:i|it|this|there|we)\b(?! (?:be|look|get|have|see|try|make|"
        r"possible)\b).*\?$",
    )),
    ("chat.thanks", (
        r"^(?:(?:thanks?|thank you|thx|ty|cheers|great|awesome|perfect|nice|beautiful|lovely|wow|cool|"
        r"love it|amazing|excellent|brilliant|gorgeous|"
        r"fantastic|good job|well done|wonderful|superb|good|i (?:really )?(?:love|like) (?:it|this|that)|(?:that|"
        r"this|it)(?:'s| is| looks) (?:so |really |very |just )?"
        r"(?:great|awesome|perfect|nice|beautiful|lovely|cool|amazing|excellent|good|gorgeous|fantastic|"
        r"wonderful|stunning|the one|the best one|it))"
        r"(?:[ ,!]+(?:so much|a lot|you|work|job|one|very much|indeed|too|and))*[ ,!]*)+$",
    )),
    ("query.compare", (
        r"^(?:please )?compare\b|^(?:what(?:'s| is)|what are) the differences? between\b|^how do (?:they|these|those|a\d+ and a\d+) differ\b",
        r"^which (?:one|of (?:them|these|those|the \w+)|picture|image|version)?\b.*\b(?:bigger|larger|smaller|wider|taller|brighter|newer|older|biggest|largest|smallest)\b",
    )),
    ("query.name", (r"^(?:what|which)(?:'s| is| was)? (?:the )?(?:name|handle|number|id) (?:of|for|is|was|did)\b|^what (?:do|did) you call\b",)),
    ("query.kept", (r"^(?:do|did|have) you (?:still )?(?:have|keep|kept|got|delete|save)\b.*|^(?:is|are) (?:my|the) (?:original|upload|photo|picture)s? (?:still )?(?:there|safe|saved|kept|gone)\b",)),
    ("chat.other", (
        r"^(?:hm+|uh+|um+|well)?[, ]*(?:i )?(?:dunno|don't know|idk|not sure|no idea)(?: (?:yet|really|what to do|what i want))?$",
        r"^(?:you(?:'re| are) (?:so |really |pretty )?(?:useless|stupid|dumb|bad|terrible|slow|annoying|wrong)|you suck|bad bot|what the (?:hell|heck|fuck))\b.*$",
    )),
    ("disliked", (
        r"^(?:nah|no|nope|hm+|meh|ugh|ew+|eh)?[, ]*(?:i'm |im |it's |that's )?not (?:really |quite )?(?:feeling|loving|into|digging|sure about|a fan of|my thing|there yet)(?: (?:it|this|that))?$"
        r"|^(?:meh|ugh|eww*|yuck|boo|bleh)$",
    )),
    ("attached", (
        r"^(?:oh|oops|sorry|whoops|my bad|ah|damn|i|um|haha|lol|forgot|forgotten|here|'s|[ ,.!])*\b(?:forgot(?: to)? (?:attach|add|send|upload|include)?|here (?:it|you) (?:is|go|are)|here it is|now it's (?:attached|there)|"
        r"(?:now )?attached)\b(?: (?:it|the (?:photo|picture|image|file|attachment)|now|this time|that))*[ .!]*$",
    )),
    ("chat.thanks", (
        rf"^(?:(?:{_EXCLAIMED})[ ,!.]*)*(?:(?:that|this|it|these|those|they)(?:'s|'re)? ?(?:is|are|looks?|look|came out|turned out)? ?(?:so |really |very |just |pretty |absolutely |super )*(?:{_PRAISED})"
        rf"|(?:{_PRAISED})|what an? (?:{_PRAISED}) \w+)(?:[ ,!.]+(?:{_PRAISED}|{_EXCLAIMED}|thanks|thank you|that's (?:all|it)|we're done|bye|cheers|lol))*[ ,!.]*$",
        rf"^(?:(?:{_EXCLAIMED}|{_PRAISED}|cheers|thanks|thank you|ok(?:ay)?|alright)[ ,!.]+)*(?:that's (?:all|it)(?: for (?:now|today))?|i'm done|we're done|bye(?: bye)?|goodbye|see (?:you|ya)(?: later| soon)?|good ?night|"
        rf"cheers(?:,? bye)?|(?:{_EXCLAIMED})|shame|pity|too bad|never mind then|fair enough|got it|i see|makes sense)[ ,!.]*$",
    )),
    ("chat.other", (r"^(?:describe|rate|judge|explain|count)\b",)),
    ("chat.hello", (
        r"^(?:hi|hello|hey|hiya|howdy|good (?:morning|evening|afternoon|day)|greetings|hola|yo|what's up|"
        r"sup)(?:[ ,]+(?:there|all|everyone|you|robot|bot|stationthis|hi|hello))*"
        r"(?:[ ,!.]+how are you(?: doing)?(?: today)?)?$",
        r"^(?:(?:hi|hello|hey|yo|hiya)(?: there)?[ ,!.]+)?(?:how are you(?: doing)?|how(?:'s| is) it going|how do you do|what's up|sup|how(?:'s| is) (?:life|your day|things))(?: today)?$",
    )),
)  # fmt: skip
RULES = tuple((act, tuple(re.compile(pattern, re.I) for pattern in patterns)) for act, patterns in _TABLE)

_QUESTION = re.compile(
    r"^(?:who|whose|why|when|where|which|what|how|is|are|was|were|does|do (?:you|i|we|they|people)|did|has|"
    r"have (?:you|i|we|they)|am|should i|will it|may i)\b"
    r"(?!(?: about| if| not| don't you)\b)",
    re.I,
)
_THUMBS = re.compile(
    "[\U0001f44d\u2764\U0001f60d\U0001f600-\U0001f60b\U0001f389\U0001f64f\U0001f44f\U0001f525]"
)


def recognise(raw: str, text: str) -> str | None:
    """The act of a clause, as written or without its politeness; None when it is work, or unknown."""
    for act, patterns in RULES:
        forms = (
            (raw, raw.rstrip(" .!?")) if act == "discover" else (raw.rstrip(" .!"), raw.rstrip(" .!?"), text)
        )
        if any(pattern.search(form) for pattern in patterns for form in forms):
            return act
    return None


def is_question(raw: str) -> bool:
    """It wants to be told something, whatever pictures it speaks of."""
    return bool(_QUESTION.match(raw))


def wordless(text: str) -> str:
    """The act of a message without a letter or a figure: a kind face is thanks, anything else is not a request."""
    return "chat.thanks" if _THUMBS.search(text) else "chat.other"
