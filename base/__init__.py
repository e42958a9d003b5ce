"""Settings, database, events, logging, clock: the floor that knows no product noun."""
