"""The one funnel: whatever was read, however, is decided and written here."""
