"""Communities, people, profiles, roles and rules."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.factories.town import Town
from tests.graphql_api.asking import global_id
from tests.graphql_api.cases.case import Case, Variables


def me(town: Town, role: str) -> UUID:
    """The person of the town whom one is in this role; staff speak for a resident."""
    return town.volunteer_person_ids[0] if role == "volunteer" else town.resident_ids[0]


def other_person(town: Town, _: Town) -> UUID:
    return town.resident_ids[1]


def community(town: Town) -> str:
    return global_id("Community", town.community_id)


def person(key: UUID) -> str:
    return global_id("Person", key)


def about(town: Town, key: UUID, **more: Any) -> Variables:
    """An input about a person of the town."""
    return {"input": {"communityId": community(town), "personId": person(key), **more}}


def of_person(key: UUID, **more: Any) -> Variables:
    return {"input": {"personId": person(key), **more}}


def contact(town: Town, key: UUID) -> Variables:
    return {"input": {"contactPointId": global_id("ContactPoint", town.contact_ids[key])}}


def themselves(town: Town, role: str) -> UUID:
    """Like `me`, but the coordinator is about the own data."""
    return town.coordinator_id if role == "coordinator" else me(town, role)


def age(town: Town, key: UUID) -> Variables:
    return about(town, key, birthYear=2010)


def guardian(town: Town, key: UUID) -> Variables:
    given = {
        "communityId": community(town),
        "minorId": person(town.resident_ids[3]),
        "guardianId": person(key),
        "validUntil": "2027-01-01T00:00:00Z",
        "textVersion": "2026-01",
        "kinds": ["snow"],
    }
    return {"input": given}


def guardian_consent(town: Town, number: int) -> Variables:
    key = town.guardian_consent_ids[number]
    return {"input": {"guardianConsentId": global_id("GuardianConsent", key)}}


ADDED = {"channel": "EMAIL", "value": "somebody-else@new.example"}
PREFERS = {"languages": ["es", "en"], "quietFromMin": 1260, "quietUntilMin": 480}
SAYS = {"purpose": "CAMPAIGNS", "granted": True, "textVersion": "2026-01"}

CASES: tuple[Case, ...] = (
    Case("everybody/viewer", own=lambda town, role: {}),
    Case("everybody/communities", own=lambda town, role: {"first": 20}),
    Case("everybody/community", own=lambda town, role: {"slug": town.slug}),
    Case("everybody/node", own=lambda town, role: {"id": community(town)}),
    Case(
        "everybody/confirm_contact",
        own=lambda town, role: {"input": {"token": town.confirm_token}},
    ),
    Case("resident/my_profile", own=lambda town, role: {}),
    Case(
        "resident/rename_person",
        own=lambda town, role: of_person(me(town, role), fullName="Synthetic New Name"),
        foreign=lambda town, other: of_person(town.resident_ids[1], fullName="Synthetic Name"),
    ),
    Case(
        "resident/set_preferences",
        own=lambda town, role: of_person(me(town, role), **PREFERS),
        foreign=lambda town, other: of_person(town.resident_ids[1], **PREFERS),
    ),
    Case(
        "resident/add_contact",
        own=lambda town, role: about(town, me(town, role), **ADDED),
        foreign=lambda town, other: about(town, town.resident_ids[1], **ADDED),
    ),
    Case(
        "resident/prefer_contact",
        own=lambda town, role: contact(town, me(town, role)),
        foreign=lambda town, other: contact(town, town.resident_ids[1]),
    ),
    Case(
        "resident/remove_contact",
        own=lambda town, role: contact(town, me(town, role)),
        foreign=lambda town, other: contact(town, town.resident_ids[1]),
    ),
    Case(
        "resident/ask_to_confirm_contacts",
        own=lambda town, role: about(town, me(town, role)),
        foreign=lambda town, other: about(town, town.resident_ids[1]),
    ),
    Case(
        "resident/state_consent",
        own=lambda town, role: about(town, me(town, role), **SAYS),
        foreign=lambda town, other: about(town, town.resident_ids[1], **SAYS),
    ),
    Case(
        "resident/export_person",
        own=lambda town, role: of_person(themselves(town, role), confirm=True),
        foreign=lambda town, other: of_person(town.resident_ids[1], confirm=True),
    ),
    Case(
        "resident/erase_person",
        own=lambda town, role: of_person(themselves(town, role), confirm=True),
        foreign=lambda town, other: of_person(town.resident_ids[1], confirm=True),
    ),
    Case(
        "resident/declare_age",
        own=lambda town, role: age(town, me(town, role)),
        foreign=lambda town, other: age(town, town.resident_ids[1]),
    ),
    Case(
        "resident/give_guardian_consent",
        own=lambda town, role: guardian(town, me(town, role)),
        foreign=lambda town, other: guardian(town, town.resident_ids[1]),
    ),
    Case(
        "resident/withdraw_guardian_consent",
        own=lambda town, role: guardian_consent(town, 1 if role == "volunteer" else 0),
    ),
    Case(
        "staff/list_people",
        own=lambda town, role: {"communityId": community(town), "first": 20},
    ),
    Case(
        "staff/show_person",
        own=lambda town, role: {"id": person(me(town, role))},
        foreign=lambda town, other: {"id": person(town.resident_ids[1])},
    ),
    Case(
        "staff/show_address",
        own=lambda town, role: {"id": person(me(town, role))},
        foreign=lambda town, other: {"id": person(town.resident_ids[1])},
    ),
    Case("staff/community_rules", own=lambda town, role: {"slug": town.slug}),
    Case(
        "staff/change_rules",
        own=lambda town, role: {
            "input": {"communityId": community(town), "rules": {"walkLimitS": 900}}
        },
    ),
    Case(
        "staff/give_role",
        own=lambda town, role: about(town, town.resident_ids[0], role="COORDINATOR"),
    ),
    Case(
        "staff/end_role",
        own=lambda town, role: about(town, town.coordinator_id, role="COORDINATOR"),
        foreign=lambda town, other: about(town, town.manager_id, role="MANAGER"),
    ),
    Case(
        "staff/record_vetting",
        own=lambda town, role: about(town, town.volunteer_person_ids[0], code="training"),
    ),
)
