"""The sandbox held to what a real shop answered."""
