"""Reading a shop: for the first time, again and again, and for what no date tells."""
