"""Alembic's environment and the steps of the schema, oldest first. Run by `storage.migrate`."""
