"""The nodes the renderer knows, a file for each family."""
