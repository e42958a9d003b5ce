"""Keep what was drafted within the bounds that a person set, and say what they changed. Pure."""

from __future__ import annotations

from agent.embedded import constraints
from agent.embedded.drafting import tool_named
from agent.embedded.message import Understanding
from agent.embedded.reading import Reading


def keep(reading: Reading, message: Understanding, begun: int, *, new: bool) -> None:
    """The steps from `begun` on within the bounds of the reading; `new` ones may grow."""
    if not reading.constraints:
        return
    steps = message.work.steps
    for place in range(begun, len(steps)):
        tool = tool_named(message.request, steps[place].tool)
        if tool is not None:
            steps[place], told = constraints.bounded(steps[place], tool, reading.constraints, new=new)
            message.tell(told)
    message.tell(constraints.unkept(reading.constraints))
