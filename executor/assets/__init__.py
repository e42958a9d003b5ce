"""Media: streamed in, cleaned, content-addressed, described."""
