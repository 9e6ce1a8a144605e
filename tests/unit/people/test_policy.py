from __future__ import annotations

from itertools import product
from uuid import UUID

import pytest

from core.ids import new_id
from people import policy
from people.auth import Actor
from people.kinds import Role
from tests.factories.people import actor_as

HERE, THERE, PERSON = new_id(), new_id(), new_id()


@pytest.mark.parametrize("role", Role)
def test_only_managers_give_roles(role: Role) -> None:
    assert policy.can_give_role(actor_as(role, HERE), HERE) is (role is Role.MANAGER)
    assert not policy.can_give_role(actor_as(role, THERE), HERE)


@pytest.mark.parametrize("role", Role)
def test_everybody_may_stop_working(role: Role) -> None:
    assert policy.can_end_role(actor_as(role, HERE, PERSON), PERSON, HERE)
    assert policy.can_end_role(actor_as(role, HERE), PERSON, HERE) is (role is Role.MANAGER)


@pytest.mark.parametrize(
    ("communities", "allowed"),
    [({HERE}, True), ({THERE}, False), ({HERE, THERE}, False), (set(), False)],
)
def test_manager_erases_those_alone_who_belong_nowhere_else(
    communities: set[UUID], allowed: bool
) -> None:
    actor = actor_as(Role.MANAGER, HERE)
    assert policy.can_erase_person(actor, PERSON, frozenset(communities)) is allowed
    assert policy.can_export_person(actor, PERSON, frozenset(communities)) is allowed
    assert policy.can_erase_person(Actor(person_id=PERSON), PERSON, frozenset(communities))


@pytest.mark.parametrize(("role", "is_staff_person"), list(product(Role, (False, True))))
def test_contacts_of_staff_are_theirs_alone(role: Role, is_staff_person: bool) -> None:
    def may(actor: Actor) -> bool:
        return policy.can_change_contacts(
            actor, PERSON, frozenset({HERE}), is_staff_person=is_staff_person
        )

    is_staff = role in (Role.COORDINATOR, Role.MANAGER)
    assert may(actor_as(role, HERE)) is (is_staff and not is_staff_person)
    assert not may(actor_as(role, THERE))
    assert may(actor_as(role, HERE, PERSON))
    program = Actor(person_id=PERSON, roles={HERE: frozenset({role})}, scopes=frozenset())
    assert not may(program)


@pytest.mark.parametrize("works_in", [(), (HERE,), (THERE,), (HERE, THERE)])
def test_contacts_of_who_belongs_to_two_communities(works_in: tuple[UUID, ...]) -> None:
    staff = Actor(person_id=new_id(), roles={key: frozenset({Role.MANAGER}) for key in works_in})
    for belongs_to in (frozenset({HERE, THERE}), frozenset[UUID]()):
        may = policy.can_change_contacts(staff, PERSON, belongs_to, is_staff_person=False)
        assert may is (bool(belongs_to) and len(works_in) == 2)
