"""The commands about weights: `stationthis models` and `stationthis loras`."""
