"""Unit tests of the inbound webhooks."""
