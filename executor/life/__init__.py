"""The life of runs and jobs by phase; `executor.lifecycle` is its door."""
