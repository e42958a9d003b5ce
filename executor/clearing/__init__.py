"""What is cleared away: what nobody can read any more, and what nobody needs any more."""
