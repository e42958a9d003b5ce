"""Tables of the agent: conversations, turns, handles, outcomes. Content is Sealed with the conversation's key."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, false

from base.crypto import Sealed
from base.db import Moment, metadata

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account_id", String(36), ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("tier", String(16), nullable=False),
    Column("title", Sealed),
    Column("pinned", Boolean, nullable=False, default=False),
    Column("turns", Integer, nullable=False, default=0),
    Column("handles", Integer, nullable=False, default=0),  # the highest number given, never reused
    Column("memory", Sealed),  # lines of agent.memory
    Column("model_tokens", Integer, nullable=False, default=0, server_default="0"),
    Column("model_dollars", Float, nullable=False, default=0.0, server_default="0"),
    Column("without_model", Boolean, nullable=False, default=False, server_default=false()),  # the person chose that
    Column("created_at", Moment, nullable=False),
    Column("active_at", Moment, nullable=False),
    Index("ix_conversations_owner", "account_id", "pinned", "active_at"),
)

turns = Table(
    "turns",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("conversation_id", String(36), ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("account_id", String(36), nullable=False),
    Column("tier", String(16), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(24), nullable=False),
    Column("status", String(16)),  # how it ended: answered, asked, done, failed, cancelled
    Column("message", Sealed, nullable=False),  # {text, attachments, reply_to, choice}
    Column("planned", Sealed),  # {intents, confidence, reply, plan, clarification, focus, choices}
    Column("run_id", String(36)),
    Column("run_cursor", Integer, nullable=False, default=0),
    Column("retry_of", String(36)),
    Column("handles_before", Integer, nullable=False, default=0),
    Column("focus", Integer),  # the handle that "it" means from here on, when the person chose one
    Column(
        "spoke", Boolean, nullable=False, default=False
    ),  # something of the answer is already in the stream
    Column("rating", String(8)),
    Column("comment", Sealed),
    Column("error_code", String(48)),
    Column("correlation_id", String(64), nullable=False),
    Column("lease_owner", String(36)),
    Column("lease_until", Moment),
    Column("created_at", Moment, nullable=False),
    Column("planned_at", Moment),
    Column("ended_at", Moment),
    Index("uq_turns_number", "conversation_id", "number", unique=True),
    Index("ix_turns_state", "state", "lease_until"),
    Index("ix_turns_run_id", "run_id"),
)

handles = Table(
    "handles",
    metadata,
    Column(
        "conversation_id", String(36), ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("account_id", String(36), nullable=False),
    Column("tier", String(16), nullable=False),
    Column("asset_id", String(36), nullable=False),
    Column("turn_id", String(36), nullable=False),
    Column("run_id", String(36)),
    Column("step_id", String(16)),
    Index("ix_handles_asset", "asset_id"),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("turn_id", String(36), ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
    Column("conversation_id", String(36), nullable=False),
    Column("account_id", String(36), nullable=False),
    Column("tier", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("planner", String(16)),
    Column("model", String(80)),
    Column(
        "content", Sealed, nullable=False
    ),  # what was said, understood, offered and chosen: see agent.outcomes
    Column("plan_hash", String(64)),
    Column("run_id", String(36)),
    Column("success", Boolean, nullable=False),
    Column("error_code", String(48)),
    Column("repairs", Integer, nullable=False, default=0),
    Column("feedback", String(8)),
    Column("understand_ms", Integer),
    Column("plan_ms", Integer),
    Column("run_ms", Integer),
    Column("tokens", Integer, nullable=False, default=0),
    Column("cost_credits", Float, nullable=False, default=0.0),
    Column("gpu_seconds", Float, nullable=False, default=0.0),
    Column("consent", Boolean, nullable=False, default=False),
    Column("used_for_training", Boolean, nullable=False, default=False),
    Index("ix_outcomes_at", "at"),
)
