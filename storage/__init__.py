"""The notes store: the only package that knows SQL.

engine              opens it and hands out transactions, on SQLite or PostgreSQL (`sqlite`, `postgresql`, `migrate`)
schema, scope       the tables with their reasons; what a reader may see, as conditions of a query
segments, people    what kind of customer each is; customers, accounts, and what agents know better
identity            what accounts share, which links there are between them, what people decided
tickets, timeline   the helpdesk; everything that happened with a customer, in order of time
search, privacy     the index that people are found by; what is handed out and taken away
sync                how far each shop is read and written, what waits, what it costs
notes, orders, shops, agents, settings …   the other nouns, a module each

A noun is a module of plain functions that take a transaction first. Rooms import only those that stand below them, and
nothing here knows of `connectors`, `webhooks` or `companion`.
"""
