"""Lists of customers: by kind, and groups of one's own."""
