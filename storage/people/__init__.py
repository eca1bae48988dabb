"""People: as each shop knows them, as they are looked at, and what agents know better."""
