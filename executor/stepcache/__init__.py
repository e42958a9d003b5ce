"""Steps that were done before are not done again: by graph, seeds, models and the bytes that enter."""
