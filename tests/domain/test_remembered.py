"""What is kept in memory of people's texts can be let go, whichever module keeps it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

from companion import domain
from companion.domain import contact, names, remembered, richtext, sounds

OF_NOBODY = {
    "companion.domain.calendar": "dates",
    "companion.domain.richtext._widely": "addresses of shops",
    "companion.domain.text.fold_letter": "single letters",
    "companion.domain.typos._cuts": "lengths of words",
}
"""What may stay, since it says nothing of anybody."""


def kept() -> Iterator[tuple[str, Any]]:
    """Every cache of the domain by its name."""
    for found in pkgutil.iter_modules(domain.__path__, "companion.domain."):
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            if hasattr(value, "cache_info") and value.__module__ == module.__name__:
                yield f"{module.__name__}.{name}", value


def test_nothing_of_anybody_is_left_in_memory() -> None:
    richtext.to_html("Shahrzad **called**")
    richtext.shop_html("<p>Shahrzad</p>")
    names.name_words("Shahrzad")
    sounds.skeleton("shahrzad")
    contact.phone_key("09120001001")
    contact.phone_digits("09120001001")
    remembered.forget()
    left = {name: cache.cache_info().currsize for name, cache in kept()}
    assert {name for name, size in left.items() if size and not name.startswith(tuple(OF_NOBODY))} == set()


def test_every_cache_that_may_stay_is_there() -> None:
    assert [name for name in OF_NOBODY if not any(each.startswith(name) for each, _ in kept())] == []
