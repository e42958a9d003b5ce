"""The procedural painter: a sketch from words and a seed, where there are no weights to render with."""
