"""The client of one ComfyUI: HTTP, WebSocket and following a job to its end."""
