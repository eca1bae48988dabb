"""The use cases, one noun a module, each given what it needs (a store, a clock), never the whole application.

people      people beyond their page: added by hand, corrected, united, checked, handed out and erased
search      finding a customer, and keeping the index she is found by
customers   one customer's page
segments    lists of customers: by kind, and groups of one's own
sync        how the sync stands, and what a person can do about it
notes, users, profile, scopes, errors …   what all of them stand on

Every read takes the viewer first and leaves out what she may not see. Nothing here knows of HTTP or of a page.
"""
