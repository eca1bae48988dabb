"""How far each shop is read and written: what waits, what was set aside, and what it costs the shop."""
