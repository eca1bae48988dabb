"""Who is one person: what accounts share, the links between them, and what people decided of them."""
