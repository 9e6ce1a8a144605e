"""Pictures of work that was done: checked by what they are, made anew, shown to few."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from PIL import Image, ImageOps, UnidentifiedImageError

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from matching import policy, repository
from matching.errors import AssignmentUnknown, PhotoUnknown, UnusablePhoto
from matching.kinds import AssignmentStatus
from matching.models import Assignment, HelpRequest
from matching.offers import visit_repository
from matching.offers.visit_models import VisitPhoto
from people.auth import Actor

MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_SIDE_PX = 1_600
MAX_PHOTOS = 3
FORMATS = ("JPEG", "PNG", "WEBP")
MEDIA_TYPE = "image/jpeg"
QUALITY = 82


@dataclass(frozen=True)
class CleanPhoto:
    """A picture made anew: nothing of the old file is left but what it shows."""

    content: bytes
    width_px: int
    height_px: int


def clean_photo(data: bytes) -> CleanPhoto:
    """Read a picture and write it again as JPEG, without place, camera, time or thumbnails.

    Raises
    ------
    UnusablePhoto
        When it is no JPEG, PNG or WebP, or larger than the limits.
    """
    if len(data) > MAX_BYTES:
        raise UnusablePhoto("The picture has more than 8 MB. Send a smaller one, or none.")
    try:
        with warnings.catch_warnings():
            # Pillow only warns from one limit on; ours is checked before any pixel is read.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise UnusablePhoto("The picture has too many pixels. Send a smaller one.")
                picture.draft("RGB", (MAX_SIDE_PX, MAX_SIDE_PX))
                turned = ImageOps.exif_transpose(picture).convert("RGB")
        turned.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX))
        # A new picture, so that nothing that hangs on the old one is written with it.
        plain = Image.new("RGB", turned.size)
        plain.paste(turned)
        output = io.BytesIO()
        plain.save(output, "JPEG", quality=QUALITY, optimize=True)
    except UnusablePhoto:
        raise
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        IndexError,
        KeyError,
        TypeError,
        OverflowError,
        MemoryError,
    ):
        raise UnusablePhoto(
            "The file is no picture that can be read: send a JPEG, PNG or WebP."
        ) from None
    return CleanPhoto(output.getvalue(), plain.width, plain.height)


async def add_photo(
    session: Session, actor: Actor, assignment_id: UUID, data: bytes, *, now: datetime
) -> VisitPhoto:
    """Keep a picture of one's own work; the same file twice is kept once. ``photo.added``"""
    work = await session.get(Assignment, assignment_id)
    volunteer = (
        None if work is None else await visit_repository.find_volunteer(session, work.volunteer_id)
    )
    if work is None or volunteer is None or actor.person_id != volunteer.person_id:
        raise AssignmentUnknown(f"There is no accepted work {assignment_id}.")
    await repository.get_locked(session, Assignment, assignment_id)
    if work.status is AssignmentStatus.RELEASED:
        raise NotPermitted(f"The work {assignment_id} was given back.")
    digest = hashlib.sha256(data).hexdigest()
    known = await visit_repository.find_photo_by_digest(session, assignment_id, digest)
    if known is not None:
        return known
    if len(await visit_repository.list_photos(session, [assignment_id])) >= MAX_PHOTOS:
        raise UnusablePhoto(f"There are {MAX_PHOTOS} pictures of this work already.")
    clean = clean_photo(data)
    photo = VisitPhoto(
        assignment_id=assignment_id,
        media_type=MEDIA_TYPE,
        width_px=clean.width_px,
        height_px=clean.height_px,
        content=clean.content,
        content_digest=digest,
        created_at=now,
    )
    session.add(photo)
    await session.flush()
    record_event(
        session,
        "photo.added",
        subject_type="assignment",
        subject_id=assignment_id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=work.community_id,
        photo_id=photo.id,
    )
    return photo


async def read_photo(session: Session, actor: Actor, photo_id: UUID) -> VisitPhoto:
    """A picture, for the resident whose home it shows, the staff, and whoever took it."""
    photo = await visit_repository.find_photo(session, photo_id)
    work = None if photo is None else await session.get(Assignment, photo.assignment_id)
    request = None if work is None else await session.get(HelpRequest, work.request_id)
    if photo is None or work is None or request is None:
        raise PhotoUnknown(f"There is no picture {photo_id}.")
    volunteer = await visit_repository.find_volunteer(session, work.volunteer_id)
    took_it = volunteer is not None and policy.can_answer_offer(
        actor, volunteer.person_id, volunteer.community_id
    )
    if not took_it and not policy.can_speak_for_resident(
        actor, request.resident_id, request.community_id
    ):
        raise PhotoUnknown(f"There is no picture {photo_id}.")
    return photo
