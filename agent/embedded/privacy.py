"""`Go incognito`, `keep nothing of this`: what is asked about keeping, never a part of a picture. Pure.

Incognito is not there yet, so it is said what is kept and how it goes, before anything is made.
"""

from __future__ import annotations

import re

from agent.embedded import words

_MODE = r"(?:incognito|private|anonymous)(?: mode| session| chat| conversation| window| tab)?"
_WHAT = r"(?:any(?:thing| of (?:this|it|that|these))|this(?: (?:one|chat|conversation|message|prompt|picture|image))?|it|that|all (?:of )?this|my (?:words|prompts?|messages?|pictures?|photos?|data)|(?:any |a )?(?:records?|cop(?:y|ies)|trace)(?: of (?:this|it|that))?)"
_STORING = r"(?:stor|sav|record|log|retain|remember|archiv)"
_ASIDE = r"(?:^|[,.;:!?]\s*|\s-\s*|\s)(?:(?:and|but|so|also|please|pls|can you|could you|i want (?:you )?to|i'd like (?:you )?to|let's|let us|you (?:should|must)|make sure (?:you|to))\s+)*"
_ASKED = re.compile(
    rf"{_ASIDE}(?:"
    rf"(?:go|switch (?:in)?to|turn on|use|enter|start|activate|enable|stay|remain|do (?:it|this|that)(?: in)?) (?:an? |the )?{_MODE}"
    rf"|in {_MODE.replace(')?', ')', 1)}"
    rf"|(?<=[,.;:!?] )(?:stay )?incognito|^incognito(?= ?[,:.!?]| ?$| please)|privately(?= ?$| please)|off the record"
    rf"|(?:keep|leave|{_STORING}e?) (?:nothing|none|no (?:records?|cop(?:y|ies)|traces?|history|logs?))(?: (?:of|about|from) (?:this|it|that|me|what i \w+|the \w+))?"
    rf"|(?:do not|don't|never) (?:{_STORING}e?|(?:keep(?= (?!it|that)))) {_WHAT}(?: anywhere)?"
    rf"|without (?:{_STORING}ing|keeping) {_WHAT}"
    rf"|(?:delete|erase|forget|destroy|wipe) (?:it|this|that|everything|all of (?:it|this)) (?:after(?:wards)?|when (?:you're|you are|i'm|i am|it's) \w+|once \w+(?:'s| is| are)? \w+|later|right away)"
    r")(?: (?:please|pls|now|mode|then|here|for this(?: one)?))*(?=\s*(?:$|[,.;:!?]|(?:and|then|while|before|when)\b))",
    re.I,
)  # fmt: skip
_QUOTED = re.compile(r"\"[^\"]*\"")


def asked(message: str) -> str | None:
    """What is left of a message that asks for privacy, perhaps nothing; None for every other, pictures of it among them."""
    text = words.clean(message)
    said = _ASKED.search(_QUOTED.sub(lambda quoted: "_" * len(quoted[0]), text))
    if said is None:
        return None
    before, after = text[: said.start()].rstrip(" ,.;:!?-"), text[said.end() :].lstrip(" ,.;:!?-")
    after = after if before else re.sub(r"^(?:and|then)\b[\s,]*", "", after, flags=re.I)
    left = f"{before}, {after}" if before and after else before or after
    return left if re.search(r"\w\w", left) and not words.only_polite(left) else ""


REPLY = (
    "There is no incognito here yet. What you write and what is made of it is kept, encrypted, until you delete it: the "
    "conversation in the list of conversations, with everything in it."
)
NOTHING_MADE = "Nothing has been made of your message so far."
