"""Planning needs no torch of its own: the encoder has it, in its thread."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
import agent.taskplan.planner, agent.taskplan.weights, evals.taskbench.commands
assert not {"torch", "sklearn", "transformers"} & set(sys.modules), "heavy"
"""


def test_planning_and_its_commands_import_nothing_heavy() -> None:
    subprocess.run([sys.executable, "-c", SCRIPT], check=True)
