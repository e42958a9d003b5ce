"""Spells: saved plans with named blanks. Pure: made from what was rendered, cast into steps, exchanged as JSON."""
