"""The product's pure ideas: values in, values out.

Nothing here reads a clock, a file, a database or the network; `now` and the time zone are parameters.
"""
