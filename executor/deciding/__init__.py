"""Which waiting job goes to which instance: plain functions of plain values."""
