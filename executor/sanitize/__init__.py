"""Programs that take one untrusted file apart and write it anew. Each is run by its file, isolated, under limits of its own."""
