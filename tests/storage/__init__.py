"""The notes store, on both databases."""
