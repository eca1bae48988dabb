"""The tests mirror the packages; a test reads as a claim."""
