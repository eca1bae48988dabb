"""One module a noun, each with its `blueprint`: the gate, home and search, customers, notes, preferences, health."""
