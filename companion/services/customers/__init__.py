"""One customer's page: who she is, what she bought, and everything that happened."""
