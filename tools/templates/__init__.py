"""The official ComfyUI templates as tools: read from the installed package, built once, pinned."""
