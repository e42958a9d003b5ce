"""Plan over any inventory of tools: which of them a request needs, and what feeds what."""
