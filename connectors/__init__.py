"""Outbound connectors: how companion reads a shop and writes to it.

One module or folder a product; `base` holds what they all share, `wordpress` what those inside WordPress do. Knows
nothing of `storage`, `webhooks` or `companion`.
"""
