"""Where instances come from: a URL (static) or a child process of ours (local)."""
