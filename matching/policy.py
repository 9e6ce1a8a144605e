"""Who may do what with requests, offers and rounds. Pure: no database, no clock."""

from __future__ import annotations

from uuid import UUID

from people.auth import Actor


def can_answer_offer(actor: Actor, volunteer_person_id: UUID, community_id: UUID) -> bool:
    """The volunteer answers; staff type in what they were told on the phone."""
    own = actor.person_id is not None and actor.person_id == volunteer_person_id
    return own or actor.is_staff(community_id)


def can_release_work(actor: Actor, volunteer_person_id: UUID, community_id: UUID) -> bool:
    """The volunteer gives work back; staff do it for one who cannot."""
    return can_answer_offer(actor, volunteer_person_id, community_id)


def can_speak_for_resident(actor: Actor, resident_id: UUID, community_id: UUID) -> bool:
    """The resident cancels and confirms; staff do it for one who phones."""
    own = actor.person_id is not None and actor.person_id == resident_id
    return own or actor.is_staff(community_id)


def can_run_round(actor: Actor, community_id: UUID) -> bool:
    """Staff start and end the matching rounds of their community."""
    return actor.is_staff(community_id)


def can_direct_storm(actor: Actor, community_id: UUID) -> bool:
    """Staff open, hold and close storms."""
    return actor.is_staff(community_id)


def can_review_requests(actor: Actor, community_id: UUID) -> bool:
    """Staff decide what waits for a person's eye."""
    return actor.is_staff(community_id)


def can_set_terms(actor: Actor, community_id: UUID) -> bool:
    """Staff say how a call came in, what it needs, how long it takes and what it counts."""
    return actor.is_staff(community_id)
