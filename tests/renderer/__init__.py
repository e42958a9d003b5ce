"""What the embedded renderer promises: ComfyUI's protocol, ComfyUI's pixels, and pleasant sketches."""
