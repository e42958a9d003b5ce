"""A small inventory that has nothing to do with pictures, and lessons about it."""

from __future__ import annotations

import itertools

from agent.taskplan.lessons import Lesson
from agent.taskplan.model import Inventory, inventory

VEGETABLE, PIECES, SOUP = ["vegetable"], ["pieces"], ["soup"]
KITCHEN: Inventory = inventory(
    [
        {"id": "Washer", "desc": "Washes dirty vegetables.", "input_type": VEGETABLE, "output_type": VEGETABLE},
        {"id": "Chopper", "desc": "Chops vegetables into small pieces.", "input_type": VEGETABLE, "output_type": PIECES},
        {"id": "Soup Cooker", "desc": "Cooks a soup from chopped pieces.", "input_type": PIECES, "output_type": SOUP},
        {"id": "Blender", "desc": "Blends a soup until it is smooth.", "input_type": SOUP, "output_type": SOUP},
        {"id": "Menu Printer", "desc": "Prints a menu card.", "input_type": ["soup", "text"], "output_type": ["card"]},
    ]
)  # fmt: skip
WAYS = ("wash the dirty {}", "chop the {}", "cook a soup from the {}", "blend the soup smooth", "print a menu card")


def lessons() -> list[Lesson]:
    """Every run of neighbouring jobs, for four vegetables."""
    made = []
    for food, start, end in itertools.product(("carrots", "leeks", "turnips", "beans"), range(5), range(5)):
        if start <= end:
            words = ", then ".join(WAYS[step].format(food) for step in range(start, end + 1))
            links = frozenset((step, step + 1) for step in range(start, end))
            made.append(Lesson(f"Please {words}.", frozenset(range(start, end + 1)), links, str(end - start)))
    return made
