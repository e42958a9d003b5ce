"""Workflows that people bring: read, held to be safe, understood, shaped by their owner, kept on the shelf."""
