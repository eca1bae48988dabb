"""Inbound webhooks: what a shop sends us, verified and handed on.

`woocommerce` turns bytes into a `Delivery` without I/O; `receiver` is the small Flask blueprint before it, which is
handed everything it needs. Knows nothing of `storage`, `connectors` or `companion`, and reads no more of a body than
whose it is.
"""
