"""One module a step. A step is never changed once it was released; it stands on nothing of the program."""
