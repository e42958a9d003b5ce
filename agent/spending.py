"""What conversations have spent on their language model, in the database: a restart forgets nothing."""

from __future__ import annotations

from agent import store
from agent.llm.budget import Spent
from base.db import Database


class ConversationBooks:
    """Implements agent.llm.budget.Books."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def spent(self, conversation_id: str) -> Spent:
        async with self._db.read() as tx:
            tokens, dollars = await store.model_spend(tx, conversation_id)
        return Spent(tokens, dollars)

    async def add(self, conversation_id: str, spent: Spent) -> None:
        if spent.tokens:
            async with self._db.write() as tx:
                await store.add_model_spend(tx, conversation_id, spent.tokens, spent.dollars)
