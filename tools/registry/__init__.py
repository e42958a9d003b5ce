"""Weight files: what each is, whose licence it has, where it comes from, how it gets onto a disk."""
