"""What a delivery says: ids, kinds and code words, never who somebody is."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from core.events import Event
from core.safe_fields import is_safe_field
from messaging.webhooks.kinds import DATA_FIELDS, REASON_SUBJECTS, TEST_KIND, PublicKind

MAX_BODY_BYTES = 8_192


def make_body(event: Event, kind: PublicKind) -> str:
    """The body that tells of an event."""
    facts = {
        name: value
        for name, value in sorted((event.data or {}).items())
        if name in DATA_FIELDS or name.endswith("_cell")
        if is_safe_field(name, value)
    }
    data: dict[str, Any] = {
        "event_id": str(event.id),
        "community_id": None if event.community_id is None else str(event.community_id),
        "subject": {"type": event.subject_type, "id": str(event.subject_id)},
        "facts": facts,
    }
    if event.reason is not None and event.subject_type in REASON_SUBJECTS:
        data["reason"] = event.reason
    body = _write(kind.name, event.happened_at, data)
    if len(body.encode()) > MAX_BODY_BYTES:
        body = _write(kind.name, event.happened_at, data | {"facts": {}})
    return body


def make_test_body(event_id: UUID, community_id: UUID, endpoint_id: UUID, *, now: datetime) -> str:
    """The body of a test: it looks like every other."""
    data = {
        "event_id": str(event_id),
        "community_id": str(community_id),
        "subject": {"type": "webhook", "id": str(endpoint_id)},
        "facts": {},
    }
    return _write(TEST_KIND, now, data)


def _write(kind: str, at: datetime, data: dict[str, Any]) -> str:
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    whole = {"type": kind, "timestamp": moment, "data": data}
    return json.dumps(whole, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
