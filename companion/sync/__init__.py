"""The sync engine: everything a shop says comes in through `apply`, everything pushed to it goes out through `outbox`.

apply          the one funnel: decide and write records, whoever read them
inbox          deliveries that shops sent, drained through apply
backfill, poll the first full read and the incremental ones, over the same pages
summaries      what each order should carry; marks the outbox where the shop differs
outbox         pushes summaries until the shop shows them
subscriptions  companion's own webhooks in the shop

Never imports `services`; the two meet in the store.
"""
