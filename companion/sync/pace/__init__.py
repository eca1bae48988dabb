"""How often and how much a shop is asked, and what that costs it."""
