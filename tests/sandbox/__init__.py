"""The sandbox on its own: what tests elsewhere rely on."""
