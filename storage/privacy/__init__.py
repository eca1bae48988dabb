"""What is kept about a person, for handing out and for taking away."""
