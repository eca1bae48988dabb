"""JSON as PHP prints it, made readable: notices and byte order marks before it, halves of surrogate pairs in it.

JSON behind leading junk is dug out only where all of the rest is JSON. What it means is not asked here.
"""

from __future__ import annotations

import re

import msgspec

NOT_JSON = (ValueError, RecursionError)
"""What decoding raises for what is no JSON, or none that anybody means: nested a thousand deep."""

_LONE_SURROGATE = re.compile(
    rb"(?<!\\)((?:\\\\)*)(?:(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
_START = re.compile(rb'\{\s*["}]|\[\s*[\[{"\]\d-]')
_MOST_STARTS = 50

_decoder = msgspec.json.Decoder(msgspec.Raw)


def json_part(body: bytes) -> bytes | None:
    """The JSON of a body without what PHP printed before it; None where there is none."""
    body = whole_surrogates(body)
    for count, start in enumerate(_START.finditer(body)):
        if count == _MOST_STARTS:
            break
        rest = body[start.start() :]
        try:
            _decoder.decode(rest)
        except NOT_JSON:
            continue
        return rest
    return None


def whole_surrogates(body: bytes) -> bytes:
    """The body with halves of surrogate pairs (PHP cuts text between them) as U+FFFD."""
    return _LONE_SURROGATE.sub(lambda found: found[1] + (found[2] or b"\\ufffd"), body)
