"""The sync engine: everything a shop says comes in through the funnel, everything pushed to it goes out by the outbox.

worker, upkeep, roster   keep every shop and the store together: what is done, in which order, and when
deliveries               what shops tell unasked, drained through the funnel, and our webhooks there
pushing                  writes summaries until the shop shows them
reading                  the first full read, the incremental ones, and what no date tells
funnel                   the one funnel: decides and writes records, whoever read them
people                   the accounts behind records, who of them are one, who must be forgotten
records                  records on their way: raw, as rows, and what became of them
pace                     how often and how much a shop is asked
summaries                what each order and ticket should carry; marks the outbox where the shop differs
source, shop             what is asked of a shop, by protocols that `companion.connect` fills

Rooms import only those that stand below them. Never imports `services`; the two meet in the store.
"""
