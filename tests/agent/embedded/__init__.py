"""The embedded planner, sentence by sentence."""
