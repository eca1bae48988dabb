"""The Awesome Support connector: `source` reads and writes a helpdesk, `parse` turns its JSON into records (no I/O).

`client` is one exchange in the name of a WordPress user, `probe` what doctor says of a helpdesk.
"""
