"""What kind of customer each is, and the groups of one's own."""
