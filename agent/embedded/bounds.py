"""Keep what was drafted within the bounds that a person set or the tools have, and say what they changed. Pure."""

from __future__ import annotations

from agent.embedded import constraints, limits, settings, wording
from agent.embedded.drafting import tool_named
from agent.embedded.message import Understanding
from agent.embedded.reading import Reading


def keep(reading: Reading, message: Understanding, begun: int, *, new: bool) -> None:
    """The steps from `begun` on within the bounds of the reading; `new` ones may grow."""
    _tell_moved(reading, message, begun)
    if not reading.constraints:
        return
    steps = message.work.steps
    for place in range(begun, len(steps)):
        tool = tool_named(message.request, steps[place].tool)
        if tool is not None:
            steps[place], told = constraints.bounded(steps[place], tool, reading.constraints, new=new)
            message.tell(told)
    message.tell(constraints.unkept(reading.constraints))


def _tell_moved(reading: Reading, message: Understanding, begun: int) -> None:
    asked = {name: value for name, value in settings.said(reading.clause).exact.items() if isinstance(value, int | float)}
    asked |= wording.numbers(reading.clause)
    tools = {found.tool.name: found.tool for found in message.request.found}
    for code, sentence in limits.moved(message.work.steps[begun:], tools, asked):
        message.work.note(code, sentence)
