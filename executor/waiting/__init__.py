"""Waiting: who is let in, how long it takes, and what is said about it."""
