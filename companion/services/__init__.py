"""The use cases, one noun a module, each given what it needs (a store, a clock), never the whole application.

Every read takes the viewer first and leaves out what she may not see. Nothing here knows of HTTP or of a page.
"""
