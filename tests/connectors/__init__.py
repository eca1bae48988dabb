"""Unit tests of the outbound connectors."""
