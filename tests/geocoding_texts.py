"""Addresses as people type them, drawn from a pack with a fixed seed."""

from __future__ import annotations

import random
import string

from geo.city import CityPack


def sample_rows(count: int, wanted: int, seed: int) -> list[int]:
    """Rows of the address layer."""
    return random.Random(seed).sample(range(count), min(wanted, count))


def write_address(pack: CityPack, row: int, *, street: str | None = None) -> str:
    """A row as one line of text, with another street name when given."""
    addresses = pack.addresses
    suffix = addresses.suffixes[row]
    number = addresses.numbers[row] + (" " if "/" in suffix else "") + suffix
    name = addresses.streets[row] if street is None else street
    return f"{number} {name}" if pack.meta.number_first else f"{name} {number}"


def misspell(name: str, seed: int) -> str:
    """A name with one letter too many, left out, changed, or two swapped."""
    rng = random.Random(seed)
    while True:
        at = rng.randrange(len(name))
        letter = rng.choice(string.ascii_lowercase)
        changed = (
            name[:at] + letter + name[at:],
            name[:at] + name[at + 1 :],
            name[:at] + letter + name[at + 1 :],
            name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :],
        )[rng.randrange(4)]
        if changed != name and changed.strip():
            return changed
