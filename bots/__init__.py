"""Surfaces where people chat: the terminal now, Telegram and Discord later."""
