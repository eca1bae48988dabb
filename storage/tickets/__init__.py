"""The helpdesk: tickets, their replies, and both as people ask for them."""
