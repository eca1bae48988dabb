"""What the connectors to things inside WordPress share: its REST API's addresses, refusals, lists and bent JSON.

No source of its own: `woocommerce` and `awesome_support` stand on it, and neither knows the other.
"""
