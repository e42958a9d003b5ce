"""The embedded planner: split, bind, read, draft, reply."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from agent.embedded import (
    answers,
    asking,
    constraints,
    controls,
    naming,
    offlimits,
    privacy,
    shapes,
    spellcasting,
    spoken,
    spreading,
    studio,
    supposing,
    words,
)
from agent.embedded.acts import Acts
from agent.embedded.binding import Binding, bind, spelled
from agent.embedded.carrying import MAKING, carry_out
from agent.embedded.clauses import Clause, split
from agent.embedded.drafting import tool_named
from agent.embedded.following import followed
from agent.embedded.languages import foreign, honest
from agent.embedded.likeness import measured
from agent.embedded.message import Understanding
from agent.embedded.reading import Reading, read
from agent.embedded.spelling import mended
from agent.embedded.strangers import strangers
from agent.embedded.vocabulary import things
from agent.embedded.weighing import interpret
from agent.model import Draft, IntentKind, Planned, PlanningRequest
from agent.planning import Check, Speak, Understood
from agent.taskplan.planner import TaskPlanner
from tools.model import Plan
from tools.protocols import Encoder
from tools.service import common_words

#: What shall stay, said beside what shall change.
_KEEPING = re.compile(
    r"(?:but )?(?:keep|leave|don't (?:touch|change)|do not (?:touch|change)) (?:the|his|her|its|their|everything|all)\b",
    re.I,
)
#: Nothing new: `can you redo it like that`.
_LIKE_THAT = re.compile(
    r"(?:(?:can|could) you )?(?:redo|do|make|try|have) (?:it|that|this) (?:like that|that way|so|then)$", re.I
)


class EmbeddedPlanner:
    """Implements agent.planning.Planner without any language model."""

    name = "embedded"

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._acts = Acts(encoder)
        self._tasks = TaskPlanner(encoder)
        self._known: frozenset[str] = frozenset()

    async def prepare(self) -> None:
        """Embed the prototypes and learn the common words, so that the first message does not wait for it."""
        self._known = await asyncio.to_thread(common_words)
        await self._acts.prepare()

    async def plan(
        self, request: PlanningRequest, check: Check, understood: Understood, speak: Speak
    ) -> Planned:
        spells = spellcasting.readings(request)  # in the person's own spelling: a title may be any word
        if request.choice is None and not spells:
            named = naming.words_of(request.found)
            request = replace(request, text=mended(request.text, lambda word: word in self._known or word in named))
        request = _without_texts(request)
        message = Understanding(request)
        if foreign(request.text) and request.choice is None and not spells:
            message.note(IntentKind.CHAT, Reading("chat.other", words.clean(request.text)))
            message.replies.append(honest(request.text))
            return _planned(message, check)
        readings = await self._readings(request)
        if (meant := followed(request, readings)) is not request:
            message.request = meant
            readings = await self._readings(meant)
        for reading in _worth_carrying_out(readings, waiting=request.waiting is not None):
            if not await self._supposed(reading, message, check):
                carry_out(reading, message)
            if message.question is not None:
                break
        _tell_too_many(message)
        return _planned(message, check)

    async def _supposed(self, reading: Reading, message: Understanding, check: Check) -> bool:
        """Answer what some work would cost, by planning it and not running it. False when nothing of that kind is asked."""
        asked = reading.act in ("query.cost", "query.time", "query.needs", "chat.other", "discover")
        order = supposing.work(reading.clause) if asked else None
        if order is None:
            return False
        tried = Understanding(replace(message.request, text=order))
        for each in await self._readings(tried.request):
            carry_out(each, tried)
        if not tried.work.steps and tried.lacking:
            message.note(IntentKind.QUERY, reading)
            message.replies += tried.replies
            return True
        if not tried.work.steps or tried.question is not None:
            return False
        plan = check(Draft("", tuple(tried.work.steps)), tried.request)
        on = tuple(handle for intent in tried.intents for handle in intent.on)
        message.note(IntentKind.QUERY, reading, on)
        message.tell(
            f"{_in_one_sentence(tried.doing)}: {answers.price(plan.estimate)}. Nothing has been started."
        )
        return True

    async def _readings(self, request: PlanningRequest) -> list[Reading]:
        if request.choice is not None and "act" in request.choice:
            return [_chosen(request)]
        if spells := spellcasting.readings(request):
            return await self._around(spells, request)
        if not re.search(r"\w", request.text):
            return [_wordless(request)]
        if privacy.asked(request.text) is not None:
            return [Reading("chat.privacy", words.clean(request.text))]
        clauses = split(request.text, here=bool(request.focus or request.attached))
        request = replace(request, likeness=await measured(clauses, request, self._encoder))
        meant = await strangers(clauses, request, self._tasks)
        readings: list[Reading] = []
        wishes: dict[str, Any] = {}
        for clause in clauses:
            if (barred := offlimits.asked(clause.text)) is not None:
                readings.append(Reading(f"offlimits.{barred}", words.clean(clause.text)))
                break  # what follows would work on what was not given
            text, wished = constraints.cut(clause.text)
            if re.search(r"\w", text):
                await self._read(replace(clause, text=text), request, readings, meant)
                readings[-1] = replace(readings[-1], constraints={**readings[-1].constraints, **wished})
            else:
                wishes |= wished
        return _bounded(readings, wishes, request)

    async def _around(self, pieces: Sequence[tuple[str, Reading | None]], request: PlanningRequest) -> list[Reading]:
        """Readings about spells in their places among whatever else the message asks for."""
        readings: list[Reading] = []
        for text, reading in pieces:
            if reading is not None:
                readings.append(reading)
                continue
            for clause in split(text, here=True):
                await self._read(clause, request, readings, {})
        return _bounded(readings, {}, request)

    async def _read(
        self, clause: Clause, request: PlanningRequest, readings: list[Reading], meant: Mapping[str, str]
    ) -> None:
        """Read one clause after those before it: what they named, "it" means; what they describe, it adds to."""
        if clause.instead and readings:
            readings.pop()
        before = _before_the_branches(readings) if clause.apart else readings
        continues = any(reading.act in MAKING or reading.act == "spell" for reading in before)
        said = " ".join(reading.clause for reading in readings if reading.act in MAKING)
        reading = _for_a_stranger(clause.text, request, meant) or read(
            clause.text, request, continues=continues, said=said
        )
        reading = studio.reread(clause.text, reading, request, [r for r in before if r.act in MAKING])
        described = readings and readings[-1].act == "create" and not clause.then and not clause.apart
        if readings and readings[-1].act == "edit" and _KEEPING.match(words.bare(clause.text)):
            kept = replace(readings[-1], clause=f"{readings[-1].clause}, {words.bare(clause.text)}")
            readings[-1] = studio.reread(kept.clause, kept, request, ()) or kept
            return
        if readings and _LIKE_THAT.match(words.bare(clause.text)):
            return
        if described and _describes(reading):
            readings[-1] = replace(readings[-1], clause=f"{readings[-1].clause}, {words.bare(clause.text)}")
            return
        readings.append(
            replace(
                _carried_over(
                    reading or await self._guessed(clause.text, request, continues), readings, request
                ),
                apart=clause.apart,
            )
        )

    async def _guessed(self, clause: str, request: PlanningRequest, continues: bool) -> Reading:
        text = words.bare(spelled(clause, request))
        guess = await self._acts.guess(text[:1000], telling=spoken.is_question(words.clean(clause)))
        return interpret(guess, text, bind(words.bare(clause), request), request, continues=continues)


def _tell_too_many(message: Understanding) -> None:
    """More pictures than one message makes were asked for, each to be another: as many as there are is said aloud."""
    asked = spreading.beyond(words.clean(message.request.text)) if message.work.steps else None
    made = sum(int(step.params.get("count", 1)) for step in message.work.steps)
    if asked is not None and made < asked:
        message.work.note("fewer", f'{asked} at once is too many: here are {made}. Say "again" for more.')


def _without_texts(request: PlanningRequest) -> PlanningRequest:
    """A text file that came along is not what "it" means for pictures, where there are pictures and words about them."""
    texts = {item.ref for item in request.shown if item.kind == "text"}
    left = tuple(ref for ref in request.attached if ref not in texts)
    pictures = [item.ref for item in request.shown if item.ref not in texts]
    if not texts or not pictures or not re.search(r"\w", request.text):
        return request
    return replace(request, attached=left, focus=pictures[-1] if request.focus in texts else request.focus)


def _for_a_stranger(clause: str, request: PlanningRequest, meant: Mapping[str, str]) -> Reading | None:
    """The clause asks for a tool that the grammar has no words for, and would only misread."""
    text = words.bare(clause)
    tool, binding = meant.get(text.lower()), bind(text, request)
    if tool is None or not (binding.refs or binding.candidates):
        return None
    return Reading("edit", text, binding, confidence=0.8, tool=tool)


def _before_the_branches(readings: list[Reading]) -> list[Reading]:
    """What was said before the first of the branches that end the readings so far."""
    first = max((place for place, reading in enumerate(readings) if not reading.apart), default=0)
    return readings[:first]


def _bounded(readings: list[Reading], wishes: dict[str, Any], request: PlanningRequest) -> list[Reading]:
    """Bounds that were said by themselves hold for all of the message; alone, for the picture at hand once more."""
    if not readings:
        readings = [Reading("retake", "", bind(request.text, request))]
    return [_remade(replace(reading, constraints={**wishes, **reading.constraints})) for reading in readings]


def _remade(reading: Reading) -> Reading:
    """`That one again, in the best quality`: nothing else changes."""
    left = things(shapes.SAME_WORDS.sub("", reading.clause))
    plain = reading.act in ("unclear", "edit", "vary", "control.select", "chat.other", "disliked")
    if "quality" in reading.constraints and plain and not left and reading.binding.refs:
        return replace(reading, act="retake")
    return reading


def _describes(reading: Reading | None) -> bool:
    """After a request for a new picture: more words about it. `The sky is full of stars`, `give it a hat`, `no text`."""
    return reading is None or (
        reading.act in ("create", "edit") and not reading.binding.named and not _opens(reading)
    )


def _opens(reading: Reading) -> bool:
    """It asks for a picture of its own: `draw a cat. draw a dog`."""
    verbs = r"(?:generate|create|draw|paint|imagine|render|make an?|give me|show me)\b"
    return reading.act == "create" and re.match(verbs, reading.clause, re.I) is not None


def _carried_over(reading: Reading, earlier: Sequence[Reading], request: PlanningRequest) -> Reading:
    """`I liked the first one, brighten it`: "it" is what the clause before named; after an undo, what that went back to."""
    if not earlier or reading.act not in MAKING - {"create"} or reading.binding.named:
        return reading
    if earlier[-1].act == "control.undo" and (back := controls.undone(earlier[-1], request)):
        return replace(reading, binding=Binding((back,), 0.9, True, named=True))
    return replace(reading, binding=earlier[-1].binding) if earlier[-1].act == "control.select" else reading


def _worth_carrying_out(readings: Sequence[Reading], *, waiting: bool) -> list[Reading]:
    """Without the talk around the work: thanks, a yes or no that nothing waits for, and pointing before working."""
    working = [reading for reading in readings if not _is_talk(reading)] or list(readings[:1])
    working = [reading for reading in working if not _is_story(reading)] or working
    if len(working) > 1 and not waiting:
        working = [r for r in working if r.act not in ("control.confirm", "control.decline")] or working[:1]
    if any(reading.act in MAKING for reading in working):
        working = [r for r in working if r.act not in ("control.select", "control.undo", "again", "disliked")]
        working.sort(key=lambda r: r.act == "unclear")  # what remains unclear beside work is named after it
    if any(reading.act == "create" for reading in working) and not waiting:
        working = [r for r in working if r.act not in ("control.forget", "control.cancel")]
    return working


def _is_story(reading: Reading) -> bool:
    """What the person tells around a request: `the weather was not kind to us`."""
    return reading.act in ("edit", "create", "unclear") and any(
        told.match(reading.clause) for told in (_STORY, _BROUGHT)
    )


_STORY = re.compile(
    r"(?:i|we|he|she|they|my \w+(?! \w+er\b)|our \w+|the (?:weather|photograph|photo|picture) (?:i am|i'm|was|were)|there (?:is|are) (?:absolutely )?no\b)"
    r"(?:$| (?!(?:should|must|needs?|has to|could|is too|are too|looks? too)\b)\w+)", re.I
)  # fmt: skip


#: What somebody brought, told beside what shall be done with it: `this is from our holiday`.
_BROUGHT = re.compile(
    r"(?:(?:this|that|it|these|those) (?:is|was|are|were) )?(?:from|taken (?:at|in|on|by|during)) (?:my|our|last)\b", re.I
)


def _is_talk(reading: Reading) -> bool:
    return reading.act.startswith("chat.") or reading.act == "attached"


def _chosen(request: PlanningRequest) -> Reading:
    choice = request.choice or {}
    on = tuple(choice.get("on", ()))
    return Reading(choice["act"], choice.get("text", request.text), Binding(on, 1.0, True, named=True))


def _wordless(request: PlanningRequest) -> Reading:
    """Only a picture, or only signs."""
    if request.attached:
        return Reading("attached", "", Binding(request.attached, 1.0, True))
    return Reading(spoken.wordless(request.text), words.clean(request.text))


#: What is not as it was asked for is said in the reply too, not on the plan card alone.
_WORTH_SAYING = frozenset({"fewer", "stand_in", "no_negative", "quarters", "largest", "other_size", "twice"})


def _planned(message: Understanding, check: Check) -> Planned:
    plan = None
    if any(step.params.get("prompt", "said").strip() == "" for step in message.work.steps):  # articles and signs alone
        message.question = message.question or asking.what_picture()
    if message.work.steps and message.question is None:
        summary = _in_one_sentence(message.doing)
        draft = Draft(summary, tuple(message.work.steps), tuple(message.work.notes))
        plan = check(draft, message.request)
        budget = min(
            (i.constraints["credits"] for i in message.intents if "credits" in i.constraints), default=None
        )
        if budget is not None and plan.estimate.credits[1] > budget:
            return _too_dear(message, draft, plan, budget, check)
        message.replies += [told for code, told in message.work.notes if code in _WORTH_SAYING]
        if message.asks_price:
            message.tell(f"This is {answers.price(plan.estimate)}.")
        message.replies.insert(0, f"{summary}.")  # tools, price and time are on the plan card
    return Planned(
        intents=tuple(message.intents), confidence=round(message.confidence, 2), plan=plan,
        reply="\n\n".join(message.replies), clarification=message.question, controls=tuple(message.controls),
    )  # fmt: skip


def _too_dear(message: Understanding, draft: Draft, plan: Plan, budget: float, check: Check) -> Planned:
    """A plan above what the person will spend is not run; what would cost less is offered."""
    cheaper = check(_as_draft(draft, message.request), message.request)
    return Planned(
        intents=tuple(message.intents), confidence=round(message.confidence, 2),
        clarification=asking.dearer(message.request.text, budget, plan.estimate, cheaper.estimate),
    )  # fmt: skip


def _as_draft(draft: Draft, request: PlanningRequest) -> Draft:
    """The same at the least that still shows what it will be."""
    steps = []
    for step in draft.steps:
        tool = tool_named(request, step.tool)
        steps.append(
            step if tool is None else constraints.bounded(step, tool, {"quality": "draft"}, new=False)[0]
        )
    return replace(draft, steps=tuple(steps))


def _in_one_sentence(doing: list[str]) -> str:
    """`Making A1 black and white, then cropping it square`."""
    return ", then ".join([doing[0], *(part[0].lower() + part[1:] for part in doing[1:])])
