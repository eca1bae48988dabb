"""The pages over real services and a real store."""
