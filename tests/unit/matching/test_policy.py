"""Who may do what, as one table over everybody."""

from __future__ import annotations

from uuid import UUID

import pytest

from core.ids import new_id
from matching import policy
from people import policy as people_policy
from people.auth import Actor
from people.kinds import Role
from tests.factories.people import actor_as

HERE, ELSEWHERE, OWNER = new_id(), new_id(), new_id()
ACTORS = {
    "anonymous": Actor.anonymous(),
    "stranger": actor_as(Role.RESIDENT, HERE),
    "other volunteer": actor_as(Role.VOLUNTEER, HERE),
    "owner": Actor(person_id=OWNER),
    "coordinator": actor_as(Role.COORDINATOR, HERE),
    "manager": actor_as(Role.MANAGER, HERE),
    "manager elsewhere": actor_as(Role.MANAGER, ELSEWHERE),
    "system": Actor.system(),
}
STAFF = {"coordinator", "manager", "system"}
TABLE = {
    "answer an offer": (lambda a: policy.can_answer_offer(a, OWNER, HERE), STAFF | {"owner"}),
    "give work back": (lambda a: policy.can_release_work(a, OWNER, HERE), STAFF | {"owner"}),
    "speak for the resident": (
        lambda a: policy.can_speak_for_resident(a, OWNER, HERE),
        STAFF | {"owner"},
    ),
    "run a round": (lambda a: policy.can_run_round(a, HERE), STAFF),
    "direct a storm": (lambda a: policy.can_direct_storm(a, HERE), STAFF),
    "review requests": (lambda a: policy.can_review_requests(a, HERE), STAFF),
    "list people": (lambda a: people_policy.can_list_people(a, HERE), STAFF),
    "read a person": (
        lambda a: people_policy.can_read_person(a, OWNER, frozenset({HERE})),
        STAFF | {"owner"},
    ),
    "read the own address": (
        lambda a: people_policy.can_read_address(a, HERE, lives_there=a.person_id == OWNER),
        STAFF | {"owner"},
    ),
    "decide rules": (lambda a: people_policy.can_change_rules(a, HERE), {"manager", "system"}),
    "record a consent": (
        lambda a: people_policy.can_record_consent(a, OWNER, HERE),
        STAFF | {"owner"},
    ),
    "open a community": (people_policy.can_create_community, {"system"}),
}


@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize("action", TABLE)
def test_may(action: str, actor: str) -> None:
    can, allowed = TABLE[action]
    assert can(ACTORS[actor]) is (actor in allowed)


def test_staff_communities_are_those_with_a_staff_role() -> None:
    roles: dict[UUID, frozenset[Role]] = {
        HERE: frozenset({Role.VOLUNTEER, Role.COORDINATOR}),
        ELSEWHERE: frozenset({Role.RESIDENT}),
    }
    assert Actor(person_id=OWNER, roles=roles).staff_communities() == (HERE,)
