"""What a person may set in a ComfyUI graph, found by following its links: typed ports, parameters, and where they bind."""
