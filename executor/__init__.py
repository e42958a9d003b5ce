"""Run plans on a pool of ComfyUI instances and keep what comes out."""
