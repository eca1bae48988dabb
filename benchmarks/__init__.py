"""Benchmarks: each prints a table and ends with one line of JSON, ratios against a baseline of the same run."""
