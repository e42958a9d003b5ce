"""People, credits and privacy: for whom is the work done, and who may see it."""
