"""The embedded CPU renderer: a small server that speaks ComfyUI's HTTP and WebSocket protocol."""
