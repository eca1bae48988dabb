"""How the sync stands, for pages, metrics and machines, and what a person can do about it."""
