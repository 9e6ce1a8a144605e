"""An ask that was planned, as it is stored."""

from __future__ import annotations

from core.db import Session
from core.events import record_event
from matching.offers.models import Ask, AskedHome
from matching.offers.wave_plan import PlannedAsk


def store_ask(session: Session, ask: PlannedAsk, row: Ask) -> None:
    """Add an ask and what it shows to the caller's transaction. Records ``ask.proposed``."""
    session.add(row)
    for position, home in enumerate(ask.homes):
        session.add(
            AskedHome(
                ask_id=ask.id,
                request_id=home.request_id,
                position=position,
                in_plan=home.in_plan,
                accept_p=home.accept_p,
                travel_s=home.travel_s,
                travel_m=home.travel_m,
                travel_bucket=home.travel_bucket,
                radius_share=home.radius_share,
            )
        )
    record_event(
        session,
        "ask.proposed",
        subject_type="ask",
        subject_id=row.id,
        happened_at=row.proposed_at,
        community_id=row.community_id,
        volunteer_id=row.volunteer_id,
        reason=row.origin.value,
    )
