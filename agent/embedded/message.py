"""What the clauses of one message came to: the state that carrying them out fills."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.embedded.binding import find
from agent.embedded.drafting import Drafting
from agent.embedded.reading import Reading
from agent.model import Clarification, Control, Intent, IntentKind, PlanningRequest


@dataclass
class Understanding:
    """Steps, intents, replies, controls and at most one question."""

    request: PlanningRequest
    work: Drafting = field(default_factory=Drafting)
    intents: list[Intent] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    doing: list[str] = field(default_factory=list)
    """What each piece of work is called: `Making A1 black and white`."""
    heads: tuple[str, ...] = ()
    """The steps whose results the next clause works on: several, when the last one worked on several pictures."""
    base: tuple[str, ...] = ()
    """What the last work was done on: where a branch starts."""
    controls: list[Control] = field(default_factory=list)
    question: Clarification | None = None
    confidence: float = 1.0
    lacking: bool = False
    """Something was asked for that no instance can do; the replies say what it would take."""
    asks_price: bool = False
    """What this very message's plan costs was asked for."""

    def note(
        self, kind: IntentKind, reading: Reading, on: tuple[str, ...] = (), **constraints: object
    ) -> None:
        """Record an intent; `on` are refs, of which those with a handle are shown."""
        shown = dict.fromkeys(item.handle for ref in on if (item := find(self.request, ref)) and item.handle)
        self.intents.append(
            Intent(kind, reading.clause, tuple(shown), {**reading.constraints, **constraints})
        )
        bound = reading.binding.asks or not set(on).isdisjoint(reading.binding.refs)
        sure = min(reading.confidence, reading.binding.confidence) if bound else reading.confidence
        self.confidence = min(self.confidence, sure)

    def tell(self, sentence: str) -> None:
        """Add to the reply, once."""
        if sentence and sentence not in self.replies:
            self.replies.append(sentence)

    def name(self, source: str) -> str:
        """What a source is called in a sentence: its handle, or what it is while it has none."""
        item = find(self.request, source)
        if item is None:
            return "it"
        return item.handle or "the picture being made"
