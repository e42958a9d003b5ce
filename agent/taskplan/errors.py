"""The errors of planning over an inventory.

Problem
├── InventoryBroken   a tool has no name, or two share one
└── WeightsBroken     a file of trained weights cannot be used
"""

from __future__ import annotations

from base.errors import InvalidInput


class InventoryBroken(InvalidInput):
    """These tools cannot be planned with."""

    code = "inventory_broken"
    action = "Give each tool a name of its own (`id`), a description (`desc`) and its `input_type` and `output_type`."


class WeightsBroken(InvalidInput):
    """This is not a file of trained weights, or it is for other tools or another encoder."""

    code = "weights_broken"
    action = "Train it again: stationthis eval taskbench train --help"
