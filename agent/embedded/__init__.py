"""The planner without a language model: grammar first, embeddings where the grammar is silent."""
