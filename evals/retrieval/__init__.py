"""Is the right tool found? Queries as people speak, with the tools that are right, and how far down they stand."""
