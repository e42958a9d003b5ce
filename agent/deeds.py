"""What a message asks to be done with a person's spells, carried out once the message is understood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agent.errors import StaysIncognito
from agent.model import Action, Choice, Clarification, Control, PlanningRequest
from agent.spellbook import Spellbook
from base.errors import Problem
from base.log import get_logger
from tools.shelf.model import Item, Visibility
from tools.shelf.service import Shelf
from tools.spells.model import Spell

log = get_logger(__name__)

SHARED = "/api/v1/shared/spells/"
"""Where a link leads, behind it the token."""


@dataclass(frozen=True)
class Told:
    """What the person is told of it, and what must be asked before it is done."""

    words: str = ""
    question: Clarification | None = None
    put_off: bool = False
    """The line took no more: the plan is not carried out, and the question says when to come again."""


class Deeds:
    """Saving and sharing. Doing it a second time, after a process died in between, changes nothing."""

    def __init__(self, spellbook: Spellbook, shelf: Shelf) -> None:
        self._spellbook, self._shelf = spellbook, shelf

    async def carry_out(self, turn: Any, controls: tuple[Control, ...], request: PlanningRequest) -> Told:
        """What cannot be done is told with its reason: the rest of the message goes on."""
        told: list[str] = []
        for control in controls:
            try:
                if control.action is Action.SAVE_SPELL:
                    told.append(await self._save(turn, control, request))
                elif control.action is Action.SHARE_SPELL:
                    told.append(await self._share(turn, control))
            except StaysIncognito:
                return Told("\n\n".join(told), outside(control))
            except Problem as problem:
                log.info("deed_refused", action=control.action.value, code=problem.code)
                told.append(f"{problem.detail} {problem.next_step}")
        return Told("\n\n".join(told))

    async def _save(self, turn: Any, control: Control, request: PlanningRequest) -> str:
        item = next((item for item in request.shown if control.target in (item.handle, item.ref)), None)
        if item is None or item.asset_id is None:
            return "That picture is still being made. Save it as a spell when it is there."
        account, anyway = turn["account_id"], bool((request.choice or {}).get("anyway"))
        spell = await self._spellbook.of_picture(
            account, item.asset_id, control.title, same_seed=control.same_seed, from_incognito=anyway
        )
        kept = await self._spellbook.keep(account, spell, origin=f"turn:{turn['id']}")
        return saved(kept, spell)

    async def _share(self, turn: Any, control: Control) -> str:
        item = await self._shelf.by_name(control.target or "", turn["account_id"])
        token = await self._shelf.show(item.id, turn["account_id"], Visibility.LINK)
        return (
            f"Whoever has this link can see and copy the recipe of {item.content.title}, and none of your pictures: "
            f"{SHARED}{token}\nIt ends when you make the spell private again."
        )


def saved(item: Item, spell: Spell) -> str:
    """`Saved as Sticker maker: "{subject} as a sticker". Say "cast sticker maker on a cat".`"""
    head = "Saved as" if item.version == 1 else f"Saved as version {item.version} of"
    return f"{head} {item.content.title}.\n{shown(spell)}\n{how_to_cast(spell)}"


def shown(spell: Spell) -> str:
    """A spell in a few lines: its steps with their words, and what it asks for."""
    lines = []
    for number, step in enumerate(spell.steps, 1):
        words = step.params.get("prompt") or step.params.get("text")
        rest = ", ".join(f"{n} {v}" for n, v in step.params.items() if n not in ("prompt", "text") and v not in ("", None))
        told = f': "{words}"' if words else ""
        lines.append(f"{number}. {step.tool.replace('_', ' ')}{told}{f' ({rest})' if rest else ''}")
    asked = [f"{{{name}}}" for name in spell.blanks] + [f"a {port.kind.value} ({name})" for name, port in spell.ports.items()]
    lines.append(f"It asks for {' and '.join(asked)}." if asked else "It asks for nothing.")
    return "\n".join(lines)


def how_to_cast(spell: Spell) -> str:
    title = spell_name(spell.title)
    if spell.blanks:
        return f'Say "cast {title} on ..." with what shall stand there.'
    return f'Say "use {title} on this photo".' if spell.ports else f'Say "cast {title}".'


def spell_name(title: str) -> str:
    """As it is said within a sentence: names keep their capitals."""
    first, *rest = title.split(" ")
    return " ".join([first.lower() if first.istitle() else first, *rest])


def outside(control: Control) -> Clarification:
    """Content of an incognito conversation leaves it only when the person says so."""
    text = f"save {control.target} as a spell called {control.title}"
    then = {"act": "spell", "text": text, "on": [control.target], "anyway": True}
    return Clarification(
        "This conversation is incognito, and a spell stays when it is forgotten. Shall I keep its words in a spell all the same?",
        (Choice("keep", "Keep it as a spell", then), Choice("leave", "No", {"act": "control.decline", "text": "no"})),
    )
