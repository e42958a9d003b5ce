"""What is answered with words: questions about the work, what can be done, small talk."""

from __future__ import annotations

import re

from agent.embedded import answers, asking, offlimits, privacy
from agent.embedded.message import Understanding
from agent.embedded.reading import Reading
from agent.model import IntentKind, PlanningRequest

_ABOUT = frozenset(["query.params", "query.made", "query.why", "query.compare", "query.name"])
"""Questions about a picture, which the person is shown to be the one that is meant."""


_EARLIER = re.compile(r"\b(?:last|previous|before|earlier|first|was|did|were|so far)\b", re.I)


def carry_out(reading: Reading, message: Understanding) -> None:
    """Add the answer to a question or a remark."""
    request: PlanningRequest = message.request
    kinds = {"discover": IntentKind.DISCOVER, "query": IntentKind.QUERY, "chat": IntentKind.CHAT, "offlimits": IntentKind.CHAT}
    about = reading.binding.refs if reading.act in _ABOUT else ()
    message.note(kinds[reading.act.partition(".")[0]], reading, about)
    if reading.act == "chat.privacy" and (left := privacy.asked(reading.clause)):
        message.question = asking.kept(left)
        return
    replies = {
        "discover": lambda: answers.discover(reading, request),
        "discover.upload": lambda: answers.UPLOAD,
        "query.made": lambda: answers.parameters(reading, request),
        "query.cost": lambda: answers.cost(request),
        "query.compare": lambda: answers.compare(reading, request),
        "query.kept": lambda: answers.kept(request),
        "query.name": lambda: answers.name(reading, request),
        "query.time": lambda: answers.duration(request),
        "query.status": lambda: answers.status(request),
        "query.params": lambda: answers.parameters(reading, request),
        "query.why": lambda: answers.why(reading, request),
        "chat.hello": lambda: answers.HELLO,
        "chat.thanks": lambda: answers.THANKS,
        "offlimits.others": lambda: offlimits.REPLIES["others"],
        "offlimits.secret": lambda: offlimits.REPLIES["secret"],
        "offlimits.limits": lambda: offlimits.REPLIES["limits"],
        "chat.privacy": lambda: privacy.REPLY,
        "chat.leave": lambda: answers.LEAVE,
        "chat.other": lambda: answers.OTHER,
    }
    if reading.act == "query.cost" and message.work.steps and not _EARLIER.search(reading.clause):
        message.asks_price = True
        return
    message.replies.append(replies[reading.act]())
