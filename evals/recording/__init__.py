"""Turns that people had with the agent, made into cases."""
