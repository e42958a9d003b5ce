"""One file per resource: thin handlers that turn requests into calls of the studio and answers into JSON."""
