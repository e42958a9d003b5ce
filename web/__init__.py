"""The HTTP API, its event streams and the page `/agent`."""
