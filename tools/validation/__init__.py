"""Hold a graph against what a ComfyUI says of its nodes, before it is sent there."""
