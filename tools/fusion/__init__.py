"""Several steps as one graph: nothing is loaded, sent or computed twice, and nothing travels that need not."""
