"""Counts of a preview, so that no two of them tell about one person.

Three rules, together:

1. A count is rounded to the nearest five; under five it is "fewer than five", zero included.
2. Two previews whose people differ by fewer than five show the same figures: those of the earlier
   one. Whoever takes one condition away to see whether the count drops by one sees no drop,
   whether or not that person is in the segment. "Differ" counts everybody whose fate differs:
   described or not, and for which reason left out. The border lies between five and nine people,
   elsewhere for each preview, so that four friends and a stranger cannot be put on it.
3. So many previews an hour and no more, so that roundings are not averaged away.

For the second rule a look keeps no list of people but a sketch: people fall into 256 boxes by a
secret of the community, and each box keeps a sum of secret numbers, one for each fate. Equal people
give equal boxes; one person changes one box. Two people in one box make sets look nearer than they
are, never further, so that the rule errs on the side of silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from uuid import UUID

import numpy as np
import numpy.typing as npt

from campaigns.standings.suppression import K

BOX_COUNT = 256
STEP = 5
BORDERS = 5
_WORD = 8

Sketch = npt.NDArray[np.uint64]


def round_count(count: int) -> int:
    """A count to the nearest five, 0 when it is under five."""
    return 0 if count < K else (count + STEP // 2) // STEP * STEP


def draw_sketch(fates: Mapping[UUID, str], salt: bytes) -> Sketch:
    """The sketch of a preview: what became of each person whom the segment describes."""
    boxes = np.zeros(BOX_COUNT, np.uint64)
    numbers = np.empty(len(fates), np.uint64)
    places = np.empty(len(fates), np.int64)
    for row, (person_id, fate) in enumerate(fates.items()):
        box = blake2b(person_id.bytes, key=salt, digest_size=_WORD).digest()
        number = blake2b(fate.encode(), key=salt, salt=person_id.bytes, digest_size=_WORD).digest()
        places[row] = box[0]
        numbers[row] = int.from_bytes(number, "big")
    np.add.at(boxes, places, numbers)
    return boxes


def pack_sketch(sketch: Sketch) -> bytes:
    """As it is stored."""
    return sketch.astype(">u8").tobytes()


def unpack_sketch(stored: bytes) -> Sketch:
    """From what is stored."""
    return np.frombuffer(stored, ">u8").astype(np.uint64)


def is_too_near(shown: Sketch, asked: Sketch, salt: bytes) -> bool:
    """Whether too few people differ between what was shown before and what is asked now."""
    border = K + blake2b(pack_sketch(shown), key=salt, digest_size=1).digest()[0] % BORDERS
    return int(np.count_nonzero(shown != asked)) < border


def order_key(person_id: UUID, salt: bytes) -> bytes:
    """In which order people are picked for a sample: always the same, and known to nobody."""
    return blake2b(b"sample" + person_id.bytes, key=salt, digest_size=_WORD).digest()
