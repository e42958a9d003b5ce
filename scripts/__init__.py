"""What the Makefile runs: set-up and checks, with nothing but the standard library."""
