"""The order of a mailing's list, and who gets which variant: drawn from a stored seed. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from campaigns.mailings.kinds import Variant
from core.i18n import SOURCE_LANGUAGE


@dataclass(frozen=True)
class Place:
    """One person's place on the list."""

    position: int
    person_id: UUID
    variant: Variant | None
    in_sample: bool


def draw_places(person_ids: Iterable[UUID], seed: int, sample_size: int | None) -> list[Place]:
    """The list in random order; the first ``2 * sample_size`` are the sample, A and B by turns.

    The same people and seed give the same list. By turns, so that both variants go out at the
    same times of day.
    """
    order = sorted(set(person_ids), key=lambda key: (_draw(seed, key), key))
    size = 2 * (sample_size or 0)
    places = []
    for position, person_id in enumerate(order):
        if sample_size is None:
            variant: Variant | None = Variant.A
        elif position < size:
            variant = Variant.A if position % 2 == 0 else Variant.B
        else:
            variant = None
        places.append(Place(position, person_id, variant, position < size))
    return places


def choose_text_language(spoken: Sequence[str], written: Iterable[str]) -> tuple[str, bool]:
    """The language that a person gets, and whether it is not the one they would have had."""
    there = set(written)
    wanted = [code.replace("_", "-").partition("-")[0].lower() for code in spoken]
    for language in wanted:
        if language in there:
            return language, language != wanted[0]
    fallback = SOURCE_LANGUAGE if SOURCE_LANGUAGE in there else min(there)
    return fallback, bool(wanted)


def count_fallbacks(
    languages: Mapping[UUID, Sequence[str]], written: Iterable[str], known: Iterable[str]
) -> dict[str, int]:
    """By language that we could write and did not: how many people would get another one."""
    there, ours = set(written), set(known)
    counts: dict[str, int] = {}
    for spoken in languages.values():
        wanted = next(
            (
                language
                for code in spoken
                if (language := code.replace("_", "-").partition("-")[0].lower()) in ours
            ),
            None,
        )
        if wanted is not None and wanted not in there:
            counts[wanted] = counts.get(wanted, 0) + 1
    return counts


def _draw(seed: int, person_id: UUID) -> bytes:
    return hashlib.blake2b(person_id.bytes, digest_size=16, key=seed.to_bytes(8, "big")).digest()
