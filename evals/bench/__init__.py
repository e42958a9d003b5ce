"""The figures of a running house: start, first event, plan, picture, memory, and what the executor adds to a render."""
