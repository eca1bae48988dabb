"""What Alembic runs for each command: it works in the transaction that `storage.migrate` hands it."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    render_as_batch=True,  # SQLite changes a table by building it anew
)
context.run_migrations()
