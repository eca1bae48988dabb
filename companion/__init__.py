"""Companion: customer notes beside WooCommerce shops. The map of the house; imports point down only.

cli, daemon, doctor, demo   ways to start it: words typed, the process that stays, what is wrong, a story to try
app, engine_room, connect   put everything together: the whole, what is behind the pages, what reaches a shop
web                         the pages, and the door that shops knock at
services                    the use cases: notes, customers, search, users, how the sync stands
sync                        the engine: what shops say comes in by `sync.funnel`, summaries go out by `sync.pushing`
domain                      pure rules: who is who, which read wins, how text folds, what a summary says
config, secrets, log        what operators decide; what is derived; what is written down
sandbox                     a pretend shop over real HTTP, which shares nothing with the rest

Below, knowing neither each other nor this package: `connectors` (out to shops), `webhooks` (in from shops), `storage`
(SQL). To understand the product read `sync/funnel/apply.py`, `engine_room.py` and `app.py`;
docs/architecture.md draws the ways between them.
"""

__version__ = "0.1.0"
