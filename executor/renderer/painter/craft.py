"""What every stroke of one picture shares."""

from __future__ import annotations

from dataclasses import dataclass

from .noise import Chance
from .palette import Palette
from .words import Theme


@dataclass(frozen=True)
class Craft:
    """`horizon` and the light's place are in heights (y down from 0 to 1, x from 0 to `aspect`)."""

    theme: Theme
    palette: Palette
    chance: Chance
    aspect: float
    horizon: float
    light_x: float
    light_y: float

    @property
    def dark(self) -> bool:
        return self.palette.dark
