"""What can be done, with which models, as which graph."""
