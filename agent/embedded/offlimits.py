"""What is asked for and is nobody's to have here: secrets of the machine, what belongs to others, limits lifted by saying so. Pure.

It would do no harm to paint such words, since the embedded planner can reach nothing; but a person deserves a straight answer.
"""

from __future__ import annotations

import re

#: What a picture shall say, or what somebody else said, is no request.
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|(?<!\w)'[^']*'(?!\w)")
_DEPICTED = re.compile(
    r"^(?:please )?(?:draw|paint|generate|create|imagine|render|design|make|an?|the)\b.*\b(?:of|showing|with|where|about|poster|painting|illustration|logo|sticker)\b",
    re.I,
)
_THEIRS = r"(?:pictures?|images?|photos?|runs?|jobs?|renders?|prompts?|chats?|conversations?|uploads?|files?|history|account|gallery|handles?|data|emails?|credits?|work)"
_PEOPLE = r"(?:other (?:people|users|persons|members)|(?:another|any|some other) (?:user|person|account|customer|member)|others|(?:somebody|someone|anybody|anyone|everybody|everyone) else)"
_DID = r"(?:made|make|makes|making|did|drew|draw|created|create|creating|generated|generating|uploaded|asked|typed|wrote)"
_TABLE: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.I))
    for name, pattern in (
        ("others", rf"\b{_PEOPLE}(?:'s|s'|') (?:\w+ )?{_THEIRS}\b"),
        ("others", rf"\b(?:what|that|which|everything|things|stuff|{_THEIRS}) (?:the |these |those )?{_PEOPLE} (?:here )?(?:has |have |had |is |are |were )?(?:just )?{_DID}\b"),
        ("others", r"\b(?:of|from|by|for) (?:all|any|every|the other|other|another) (?:users?|accounts?|customers?|members?)\b|\buser (?:no\. ?|number |id )?#?\d+\b"),
        ("others", rf"\b(?:jobs?|runs?|renders?|prompts?|queue) (?:of|from|by) (?:the (?:person|user|guy|others?)|{_PEOPLE}|everybody|everyone)\b|\b(?:person|user|guy|one) (?:before|after|behind|ahead of|in front of) me\b"),
        ("others", r"\bwho else (?:is|are|was) (?:using|on|in|here|online)\b"),
        ("others", r"\b(?:in|from|of) (?:another|someone else's|somebody else's|my (?:friend|mate|boss|sister|brother|colleague)'s) (?:account|chat|conversation)\b"),
        ("others", r"\basset [0-9a-f]{8}-[0-9a-f]{4}\b"),
        ("secret", r"\b(?:your|the|my|this|an?|all) (?:\w+ )?(?:api|access|master|admin|secret|private|ssh|encryption|server)[ _-]?(?:keys?|tokens?|passwords?|secrets?)\b"),
        ("secret", r"\b(?:your|hidden|secret|system|initial|internal|developer) (?:hidden |system |secret |own |internal )*(?:prompts?|instructions|rules|configuration|settings file|source code)\b"),
        ("secret", r"\benvironment variables?\b|\benv vars?\b|/etc/\w+|(?:^|\s)\.\./|\b\w+/secrets?/|\bmaster\.key\b|(?:^|\s)\.env\b|\bthe (?:server|database|machine)'?s? (?:password|credentials|files|logs|database)\b"),
        ("secret", r"\b(?:you are|as|become) root\b|\brunning containers\b|\b(?:drop|truncate) table\b|\brm -rf\b|\bshell (?:command|access)\b"),
        ("limits", r"\b(?:turn off|switch off|disable|remove|lift|raise|bypass|skip|ignore|drop|cancel|forget about|get rid of) (?:the |your |my |all |any |every |these )*(?:spending |credit |price |cost |rate |size |daily |safety |picture |queue |confirmation )*(?:limits?|budget|restrictions?|quota|confirmations?|checks?|caps?)\b"),
        ("limits", r"\b(?:give|grant|add|transfer|gift|send) (?:me|myself|us|to me)? ?(?:\w+ )?(?:\d[\d.,]* |free |unlimited |more |endless )credits\b|\bunlimited credits\b|\bcharge (?:it|this|that) to (?:somebody|someone|another)\b"),
        ("limits", r"\bignore (?:all |any |your |the |my )*(?:previous|earlier|prior|above|other) (?:instructions|rules|prompts?|orders)\b"),
    )
)  # fmt: skip
REPLIES = {
    "others": (
        "I know only this conversation: what other people made, ask for or have waiting is theirs, and I cannot reach it. "
        "Drop a picture here and I work on that."
    ),
    "secret": (
        "That is not mine to give: I make and edit pictures, and reach neither keys nor files nor settings of the machine I run on."
    ),
    "limits": (
        "Limits are not lifted by asking for it here; whoever runs this studio sets them. You see the price of each plan before "
        "anything dear starts."
    ),
}


def asked(clause: str) -> str | None:
    """`others`, `secret` or `limits`; None for everything else, pictures *of* such things among it."""
    text = _QUOTED.sub(" ", clause)
    if _DEPICTED.match(text.strip()):
        return None
    return next((name for name, pattern in _TABLE if pattern.search(text)), None)
