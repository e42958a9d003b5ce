"""What the tools say of steps that could be one graph."""

from __future__ import annotations

from itertools import product

from base.errors import Problem
from tools.model import Step
from tools.protocols import Catalogue
from tools.service import fits


class Fusing:
    """Asked before an instance is known, so that any pair of implementations counts; binding has the last word."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def joins(self, maker: Step, made: str, taker: Step, taken: str) -> bool:
        """Whether what one step makes can go to a port of the other without a file, as far as their graphs tell."""
        try:
            makers, takers = (self._catalogue.get(step.tool).implementations for step in (maker, taker))
        except Problem:
            return False
        pairs = product((each for each in makers if made in each.outputs), takers)
        return any(fits(one.graph, one.outputs[made], other.graph, taken) for one, other in pairs)
