"""Everything that happened with a customer: first the keys in order of time, then the things they name."""
