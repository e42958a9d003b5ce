"""Hold lines and branches to a floor each: coverage's own `fail_under` mixes both into one number.

Usage: python scripts/coverage_floor.py coverage.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

FLOORS = {"lines": 90.0, "branches": 75.0}  # percent


def measured(totals: dict[str, Any]) -> dict[str, float]:
    """Percentages from the `totals` of coverage's JSON report; nothing to cover counts as covered."""
    return {
        "lines": _percent(totals["covered_lines"], totals["num_statements"]),
        "branches": _percent(totals["covered_branches"], totals["num_branches"]),
    }


def below(values: dict[str, float]) -> list[str]:
    """A sentence for every floor that is not reached."""
    return [
        f"Coverage of {name} is {values[name]:.1f} %, below the floor of {floor:.0f} %."
        for name, floor in FLOORS.items()
        if values[name] < floor
    ]


def main(report: Path) -> int:
    """Print what was measured; 1 when a floor is not reached."""
    values = measured(json.loads(report.read_text(encoding="utf-8"))["totals"])
    print(" · ".join(f"{name} {value:.1f} %" for name, value in values.items()))
    complaints = below(values)
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


def _percent(covered: int, all_of_them: int) -> float:
    return 100.0 * covered / all_of_them if all_of_them else 100.0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
