"""The studio in a terminal: `stationthis chat`."""
