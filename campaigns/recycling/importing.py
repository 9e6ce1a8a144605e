"""A file of routes or measurements, from its bytes to rows: good lines are kept, others told of."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from campaigns.recycling import policy, repository
from campaigns.recycling.errors import InvalidRoute
from campaigns.recycling.files import FileKind, ReadFile, read_file
from campaigns.recycling.recording import Recorded, Refused, record_measurements
from campaigns.recycling.routes import put_route
from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from core.worded import Worded as _
from matching.imports.repository import lock_community
from people.auth import Actor
from people.models import Community


@dataclass(frozen=True)
class Imported:
    """What became of a file."""

    kind: FileKind
    line_count: int
    told: Recorded


async def import_file(
    session: Session,
    actor: Actor,
    community: Community,
    data: bytes,
    *,
    name: str,
    area_addresses: Mapping[str, int],
    now: datetime,
    dry_run: bool = False,
) -> Imported:
    """Store what a file says. Sent again it changes nothing; a mended file mends its lines.

    Parameters
    ----------
    dry_run
        Say what it would do, in a session that only reads. Nothing is stored.
    """
    if not policy.can_keep_routes(actor, community.id):
        raise NotPermitted("Only staff of the community write down what the hauler tells.")
    read = await asyncio.to_thread(read_file, data, name, community_id=community.id)
    if read.kind is FileKind.ROUTES:
        told = await _put_routes(
            session,
            actor,
            community,
            read,
            area_addresses=area_addresses,
            now=now,
            dry_run=dry_run,
        )
    else:
        told = await record_measurements(
            session, actor, community, read.entries, now=now, dry_run=dry_run
        )
    told.refused = sorted([*read.refused, *told.refused], key=lambda one: one.line)
    return Imported(read.kind, read.line_count, told)


async def _put_routes(
    session: Session,
    actor: Actor,
    community: Community,
    read: ReadFile,
    *,
    area_addresses: Mapping[str, int],
    now: datetime,
    dry_run: bool,
) -> Recorded:
    if not dry_run:
        await lock_community(session, community.id)
    known = await repository.load_codes(session, community.id)
    told, seen = Recorded(), dict[str, int]()
    for line, command in read.routes:
        if command.code in seen:
            told.refused.append(
                Refused(
                    line,
                    _("Line %(line)s tells of the same route. Keep one.", line=seen[command.code]),
                )
            )
            continue
        seen[command.code] = line
        is_new = command.code not in known
        try:
            changed = put_route(session, known, command, area_addresses=area_addresses, now=now)[1]
        except InvalidRoute as error:
            told.refused.append(Refused(line, error.args[0]))
            continue
        told.count(None if is_new else changed)
    if dry_run:
        return told
    await session.flush()
    if told.new_count or told.changed_count:
        record_event(
            session,
            "recycling.routes_set",
            subject_type="community",
            subject_id=community.id,
            happened_at=now,
            actor_id=actor.person_id,
            community_id=community.id,
            new_count=told.new_count,
            changed_count=told.changed_count,
        )
    return told
