"""The story against real shops; against the sandbox in every run, so that it stays true."""
