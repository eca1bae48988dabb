"""What shops tell us unasked: deliveries, the bridge's changes, and the webhooks that bring them."""
