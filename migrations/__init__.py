"""One linear history of the schema of every room."""
