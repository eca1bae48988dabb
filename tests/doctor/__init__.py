"""What doctor finds, each fault stood up for real."""
