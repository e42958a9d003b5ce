"""From the format that ComfyUI's editor saves to the format that its server runs."""
