"""Tables of the executor: runs, what they wait for, their jobs, where those run, what was done before, and assets.

Content is sealed with the key of `scope`. Plain are ids, states, times, sizes, costs and names that are ours (tools,
instances, ports).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
    text,
    true,
)

from base.crypto import Sealed
from base.db import Moment, metadata

_OPEN: dict[str, Any] = {"sqlite_where": text("ended_at IS NULL"), "postgresql_where": text("ended_at IS NULL")}
"""For indices that hold what is not over, however much is."""

runs = Table(
    "runs",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account_id", String(36), nullable=False),
    Column("tier", String(16), nullable=False),
    Column("scope", String(80), nullable=False),
    Column("origin", String(80)),
    Column("correlation_id", String(80), nullable=False),
    Column("lane", Integer, nullable=False, server_default="1"),
    Column("status", String(16), nullable=False),
    Column("stopping", Boolean, nullable=False, default=False),  # cancelled, but a GPU is still at it
    Column("plan", Sealed, nullable=False),
    Column("credits", Float, nullable=False, server_default="0"),
    Column("gpu_s", Float, nullable=False, server_default="0"),
    Column("error_code", String(40)),
    Column("retry_of", String(36)),  # the run that an operator started again with this one
    Column("taken_up", Boolean, nullable=False, default=True, server_default=true()),  # whoever asked knows of that
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Index("ix_runs_account_id_id", "account_id", "id"),
    Index("ix_runs_retry_of", "retry_of"),
    Index("ix_runs_status_account_id_id", "status", "account_id", "id"),
    Index("ix_runs_open", "status", "id", **_OPEN),
    Index("ix_runs_scope_id", "scope", "id"),
)

run_links = Table(  # a run that uses what a step of another run makes
    "run_links",
    metadata,
    Column("run_id", String(36), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("on_run_id", String(36), primary_key=True),
    Index("ix_run_links_on_run_id", "on_run_id"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("run_id", String(36), ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("step_id", String(40), nullable=False),
    Column("account_id", String(36), nullable=False),
    Column("tier", String(16), nullable=False),
    Column("scope", String(80), nullable=False),
    Column("correlation_id", String(80), nullable=False),
    Column("tool", String(80), nullable=False),
    Column("tag", String(16), nullable=False, server_default="default"),
    Column("lane", Integer, nullable=False, server_default="1"),
    Column("status", String(16), nullable=False),
    Column("stop", Boolean, nullable=False, default=False),
    Column("step", Sealed, nullable=False),
    Column("graph", Sealed),
    Column("progress", Sealed),
    Column("error", Sealed),
    Column("error_code", String(40)),
    Column("ending", String(24)),
    Column("facts", Sealed),  # models, seeds, samplers of the graph
    Column("graph_hash", String(64)),  # keyed with the scope's key: equal graphs of one scope, and nothing more
    Column("expect_s", Float, nullable=False),
    Column("place", Integer),
    Column("promised_from", Moment),  # the beginning of the range that was told
    Column("promised_until", Moment),  # the end of the range that was told; later the promise is broken
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("failed_on", String(400), nullable=False, server_default=""),
    Column("over_gb", Float),  # it ran out of memory where there was so much
    Column("due_at", Moment, nullable=False),
    Column("waiting_since", Moment),
    Column("waiting_for", String(200)),
    Column("instance", String(80)),
    Column("prompt_id", String(36)),
    Column("lease_owner", String(36)),
    Column("lease_token", String(36)),
    Column("lease_until", Moment),
    Column("credits", Float, nullable=False, server_default="0"),
    Column("gpu_s", Float, nullable=False, server_default="0"),
    Column("created_at", Moment, nullable=False),
    Column("started_at", Moment),  # taken by a worker
    Column("submitted_at", Moment),  # accepted by an instance
    Column("gpu_started_at", Moment),
    Column("rendered_at", Moment),
    Column("collected_at", Moment),
    Column("ended_at", Moment),
    Column("gpu_name", String(80)),
    Column("vram_total_gb", Float),
    Column("vram_used_gb", Float),
    Index("ix_jobs_run_id_step_id", "run_id", "step_id", unique=True),
    Index("ix_jobs_status_id", "status", "id"),
    Index("ix_jobs_open", "status", "id", **_OPEN),
    Index("ix_jobs_line", "status", "account_id", "lane", "tool", "id", "due_at", "tag", **_OPEN),  # the turns of a line
    Index("ix_jobs_scope_status_id", "scope", "status", "id"),
    Index("ix_jobs_ended_at", "ended_at"),
)

job_steps = Table(  # the steps of each job, and which of them are done whatever becomes of it
    "job_steps",
    metadata,
    Column("run_id", String(36), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("step_id", String(40), primary_key=True),
    Column("job_id", String(36), ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("tool", String(80), nullable=False),
    Column("size", Integer),  # how much work, and between which seconds the tool says that it takes
    Column("low_s", Float),
    Column("high_s", Float),
    Column("done_at", Moment),
    Column("cached", Boolean, nullable=False, server_default=false()),  # it had been done before: nothing ran
    Column("credits", Float, nullable=False, server_default="0"),
    Column("gpu_s", Float, nullable=False, server_default="0"),
    Index("ix_job_steps_job_id", "job_id"),
)

job_faults = Table(  # every attempt that failed
    "job_faults",
    metadata,
    Column("job_id", String(36), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("instance", String(80), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("code", String(40), nullable=False),
    Column("submitted", Boolean, nullable=False),
    Column("prompt_id", String(36)),  # of a lost connection: what was being rendered then, and was not found again yet
    Column("excused", Boolean, nullable=False, server_default=false()),  # everybody failed there then, or it went on with the job
)

left_prompts = Table(  # what may still be on an instance though nobody wants it any more; ids only
    "left_prompts",
    metadata,
    Column("prompt_id", String(36), primary_key=True),
    Column("instance", String(80), nullable=False),
    Column("since", Moment, nullable=False),
    Column("there", Boolean, nullable=False),  # it counts as load of the instance
    Index("ix_left_prompts_instance", "instance"),
)

durations = Table(  # how often work of a kind took how long; of nobody in particular
    "durations",
    metadata,
    Column("tool", String(80), primary_key=True),
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("device", String(80), primary_key=True),
    Column("bucket", Integer, primary_key=True, autoincrement=False),
    Column("weight", Float, nullable=False),
)

instances = Table(  # one row each, so that two workers never fill the same one at once
    "instances",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("up", Boolean),  # as a worker saw it last
    Column("since", Moment),  # since when it is so
    Column("seen_at", Moment),  # when the worker said that; nothing once it said goodbye to its own renderer
    Column("has", Sealed),  # where it is, its nodes and files: these may be content
    Column("told_at", Moment),  # when that was written
    Column("strikes", Integer, nullable=False, server_default="0"),  # different jobs that it failed since it did one
    Column("struck_job", String(36)),  # the last of them
    Column("struck_code", String(40)),
    Column("struck_at", Moment),
    Column("rests_until", Moment),  # until then nothing is sent there; afterwards one job, to see
)

served = Table(  # when somebody's job of a lane was last given a place
    "served",
    metadata,
    Column("account_id", String(36), primary_key=True),
    Column("lane", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
)

warm_files = Table(  # the weights that an instance has loaded, as far as we know
    "warm_files",
    metadata,
    Column("instance", String(80), primary_key=True),
    Column("file", String(32), primary_key=True),  # keyed hash of its name, which may be content
    Column("bytes", BigInteger, nullable=False),
    Column("used_at", Moment, nullable=False),
)

workers = Table(  # who works, and what an operator wants of them
    "workers",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("host", String(80), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("tags", String(80), nullable=False),
    Column("wanted", String(16), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("tools", Text),  # names of the public tools it knows, a line each; none before it knows them all
    Column("full_since", Moment),  # since when its own disk has no room
)

assets = Table(
    "assets",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account_id", String(36), nullable=False),
    Column("tier", String(16), nullable=False),
    Column("scope", String(80), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("media_type", String(80), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("blob", String(160), nullable=False),  # key of the blob
    Column("width", Integer),
    Column("height", Integer),
    Column("duration_s", Float),
    Column("origin", String(16), nullable=False),
    Column("sketch", Boolean, nullable=False),
    Column("run_id", String(36)),
    Column("step_id", String(40)),
    Column("port", String(40)),
    Column("position", Integer, nullable=False, server_default="0"),
    Column("tool", String(80)),
    Column("details", Sealed, nullable=False),  # sha256, name, params
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Index("ix_assets_account_id_id", "account_id", "id"),
    Index("ix_assets_blob", "blob"),
    Index("ix_assets_scope_id", "scope", "id"),
    Index("ix_assets_run_id_step_id", "run_id", "step_id"),
)

blobs = Table(  # the bytes that assets are made of
    "blobs",
    metadata,
    Column("key", String(160), primary_key=True),  # where they lie; no two generations share one
    Column("digest", String(64), nullable=False),  # salted hash of owner, tier and content
    Column("bytes", BigInteger, nullable=False),
    Column("refs", Integer, nullable=False),  # assets made of them
    Column("holds", Integer, nullable=False),  # assets about to be
    Column("gone", Boolean, nullable=False),  # needed by nobody; never taken up again
    Column("used_at", Moment, nullable=False),
    Index("ix_blobs_digest", "digest"),
    Index("ix_blobs_gone_refs_used_at", "gone", "refs", "used_at"),
)

step_cache = Table(  # steps that an account has done: what they gave are the assets of that step
    "step_cache",
    metadata,
    Column("account_id", String(36), primary_key=True),
    Column("key", String(64), primary_key=True),  # HMAC under a secret of the account
    Column("tool", String(80), nullable=False),
    Column("run_id", String(36), nullable=False),
    Column("step_id", String(40), nullable=False),
    Column("outputs", Integer, nullable=False),  # how many assets; with one of them deleted the entry holds no more
    Column("created_at", Moment, nullable=False),
    Column("used_at", Moment, nullable=False),
    Index("ix_step_cache_account_id_tool", "account_id", "tool"),
    Index("ix_step_cache_account_id_used_at", "account_id", "used_at"),
    Index("ix_step_cache_run_id_step_id", "run_id", "step_id"),
)

asset_parents = Table(
    "asset_parents",
    metadata,
    Column("asset_id", String(36), ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("parent_id", String(36), nullable=False),  # no foreign key: a deleted parent is still an ancestor
    Column("port", String(40), nullable=False),
    Index("ix_asset_parents_parent_id", "parent_id"),
)

deleted_outputs = Table(  # of runs: what their owner deleted, of which nothing but the id is left
    "deleted_outputs",
    metadata,
    Column("asset_id", String(36), primary_key=True),
    Column("run_id", String(36), nullable=False),
    Index("ix_deleted_outputs_run_id", "run_id"),
)

alerts = Table(  # what an operator was told, is told, or shall be told; never anybody's words
    "alerts",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("key", String(120), nullable=False),  # what it is about: a rule, and an instance or a task where there are several
    Column("severity", String(16), nullable=False),
    Column("value", Float, nullable=False),
    Column("bound", Float, nullable=False),
    Column("raised_at", Moment, nullable=False),
    Column("resolved_at", Moment),
    Column("told", String(16), nullable=False),  # nothing, that it was raised, or that it is over
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Index("ix_alerts_key_open", "key", unique=True, sqlite_where=text("resolved_at IS NULL"),
          postgresql_where=text("resolved_at IS NULL")),
    Index("ix_alerts_raised_at", "raised_at"),
)  # fmt: skip

tallies = Table(  # what was counted since the house was founded, for Prometheus
    "tallies",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("label", String(80), primary_key=True),
    Column("value", Float, nullable=False),
)
