"""The WooCommerce connector: `source` reads and writes a shop, `parse` turns its JSON into records (no I/O).

`credentials` are the ways to prove who we are, `client` one signed exchange, `probe` what doctor says of a shop.
"""
