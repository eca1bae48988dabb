"""The notes store: the only package that knows SQL.

`engine` opens it and hands out transactions, `schema` names its tables, and each noun has a module of plain functions
that take a transaction first. Knows nothing of `connectors`, `webhooks` or `companion`.
"""
