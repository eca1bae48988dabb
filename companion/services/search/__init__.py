"""Finding a customer, and keeping the index that she is found by."""
