"""`make chaos`: a house under fire, and an auditor who counts what was lost, doubled and orphaned."""
