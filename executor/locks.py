"""In which order locks are taken, for all of this room; and the first of them, a person's turn.

1. the door of a person or a place (`waiting/store.py`), by whoever starts a run,
2. the person's turn (`turn_of`), by whoever starts, advances, stops or ends a run, keeps what a step gave, looks into the memory
   of steps, or deletes an asset. Runs wait only for runs of the same person, and whatever such a transaction locks after it
   (several runs, their jobs and streams, assets, blobs, steps that are known) is that person's: in whatever order it comes,
   nobody else wants it in another one,
3. a run, before any job of it,
4. instances (by id, passing over those that are held), then jobs (by id where there are several). Dispatch holds jobs without
   their runs, and so takes nothing from above: it ends and tells afterwards, one by one. After the jobs it takes the places of
   the people whose they are (`looking.hold_people`, by name), which nobody else takes,
   Whoever keeps something under a scope holds its key from then on (`KeyStore.hold`); who forgets a key takes nothing after it,
5. the stream of a run; who tells of a job has locked the run first, since who ends a run tells and then stops jobs,
6. what all share, last: what was measured, whose turn it was, what is loaded.

A statement that locks several rows of one table names them in the order of their ids. SQLite has one writer and needs none of
this.
"""

from __future__ import annotations

from sqlalchemy import text

from base.db import Tx


async def turn_of(tx: Tx, account_id: str) -> None:
    """Until the transaction ends nobody else moves a run of this person. Taking it again is nothing.

    Without it a run that begins to wait for another could miss that the other ends just now: each would not see what the other
    is about to commit, and nobody would look again.
    """
    if tx.connection.dialect.name == "postgresql":
        name = {"name": f"turn:{account_id}"}
        await tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), name)
