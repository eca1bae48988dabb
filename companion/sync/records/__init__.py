"""Records on their way from a connector to the store: raw, as rows, and what became of them."""
