"""Linking and deciding where nothing was learnt of the tools at hand: the same few numbers for every inventory.

Fitted by `agent.taskplan.fitting` on TaskBench's multimedia requests with everything that names a tool left out, so that they
say only how people order what they ask for.
"""

from __future__ import annotations

import numpy as np

from agent.taskplan.decoding import Bars
from agent.taskplan.linking import CROWD, ORDER, SURE, Linker

BARS = Bars(tool=0.50, doubt=0.00, link=0.25, second=0.45, support=0.30)

_BIAS = -0.3852
#: Of each fact: weight, mean, spread.
_FACTS = {
    "ranks apart": (-0.4355, 0.3449, 1.8574),
    "apart": (0.3437, 0.0679, 0.2848),
    "after": (0.0729, 0.6052, 0.4888),
    "distance": (-0.2319, 0.2383, 0.1701),
    "nearest source": (0.5064, 0.3937, 0.4886),
    "next target": (0.5886, 0.3804, 0.4855),
    "both": (-0.5434, 0.3531, 0.4779),
    "adjacent": (-0.0238, 0.3315, 0.4708),
    "sources before": (-0.0329, 1.3971, 1.1045),
    "targets after": (0.1671, 1.4510, 1.1232),
    "tools": (0.0238, 4.4391, 1.2071),
    "possible sources": (-0.2209, 2.3540, 1.0461),
    "possible targets": (-0.3778, 2.4073, 1.0733),
    "target's inputs": (0.2202, 1.2983, 0.4575),
    "source's inputs": (-0.0755, 1.1564, 0.3632),
    "fits backwards": (-0.3976, 0.4508, 0.4976),
    "target needed": (0.0252, 0.3585, 3.4942),
    "source needed": (-0.0068, 0.0075, 3.6542),
}
_COLUMNS = np.array([_FACTS[name] for name in (*ORDER, *CROWD, *SURE)]).T

LINKER = Linker(_COLUMNS[0], _BIAS, _COLUMNS[1], _COLUMNS[2])
