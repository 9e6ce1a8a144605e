"""Who may use a field of the API at all. What exactly, the policies of the domains decide.

Every field of Query, Mutation and Subscription says who may use it and which scope a token needs;
`docs/permissions.md` shows all of it in one table, and tests take their cases from there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from strawberry.extensions import FieldExtension

from api.schema.context import Info
from core.errors import NotPermitted
from people.auth import Actor
from people.kinds import Role
from people.signing_in.errors import NotSignedIn
from people.signing_in.tokens import require_scope

ANY_SCOPE = ""
"""For what every token may: each kind of thing that it leads to asks for its own scope."""


class Who(StrEnum):
    """The least that one must be to use a field of a root type."""

    EVERYBODY = "everybody"
    SIGNED_IN = "signed in"
    STAFF = "staff"
    MANAGER = "manager"


class Sees(StrEnum):
    """Who sees a field of a thing; for all others it is empty."""

    OWN = "own"
    OWN_OR_STAFF = "own or staff"
    STAFF = "staff"
    MANAGER = "manager"


@dataclass(frozen=True)
class Access:
    """The rule of one field of a root type."""

    who: Who
    scope: str
    """What a token must be allowed, such as ``requests:read``."""


@dataclass(frozen=True)
class Owners:
    """Whose a thing is: people, and the communities whose staff look after it."""

    person_ids: frozenset[UUID] = frozenset()
    community_ids: frozenset[UUID] = frozenset()


class Owned(Protocol):
    """A type with guarded fields says whose each of its things is."""

    def owners(self) -> Owners: ...


def check_access(actor: Actor, access: Access) -> None:
    """Refuse who may not use the field at all.

    Raises
    ------
    NotSignedIn
        When nobody in particular asks.
    ScopeMissing
        When the token may not, though its person may.
    NotPermitted
        When the person works for no community, or manages none.
    """
    if access.who is not Who.EVERYBODY and actor.person_id is None and not actor.is_system:
        raise NotSignedIn("Sign in first, or send an API token.")
    check_scope(actor, access.scope)
    if access.who is Who.STAFF and not _works(actor, Role.COORDINATOR, Role.MANAGER):
        raise NotPermitted("This is for the staff of a community.")
    if access.who is Who.MANAGER and not _works(actor, Role.MANAGER):
        raise NotPermitted("This is for the managers of a community.")


def check_scope(actor: Actor, scope: str) -> None:
    """Refuse a token that lacks a scope; who signed in as a person has all of theirs."""
    if scope != ANY_SCOPE:
        require_scope(actor, scope)


def may_see(actor: Actor, owners: Owners, sees: Sees) -> bool:
    """Whether a guarded field of a thing is for this actor."""
    if actor.is_system:
        return True
    own = actor.person_id is not None and actor.person_id in owners.person_ids
    if sees is Sees.OWN:
        return own
    if sees is Sees.MANAGER:
        return any(actor.has_role(key, Role.MANAGER) for key in owners.community_ids)
    staff = any(actor.is_staff(key) for key in owners.community_ids)
    return staff or (own and sees is Sees.OWN_OR_STAFF)


class Guard(FieldExtension):
    """Leaves a field of a thing empty for those whom it is not for."""

    def __init__(self, sees: Sees, scope: str) -> None:
        self.sees = sees
        self.scope = scope

    def resolve(self, next_: Callable[..., Any], source: Any, info: Info, **kwargs: Any) -> Any:
        check_scope(info.context.actor, self.scope)
        if not may_see(info.context.actor, source.owners(), self.sees):
            return None
        return next_(source, info, **kwargs)

    async def resolve_async(
        self, next_: Callable[..., Any], source: Any, info: Info, **kwargs: Any
    ) -> Any:
        check_scope(info.context.actor, self.scope)
        if not may_see(info.context.actor, source.owners(), self.sees):
            return None
        return await next_(source, info, **kwargs)


def _works(actor: Actor, *roles: Role) -> bool:
    return actor.is_system or any(actor.has_role(key, *roles) for key in actor.roles)
