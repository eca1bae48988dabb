"""Writing to a shop: summaries onto its orders and tickets, until it shows them."""
