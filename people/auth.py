"""Who acts: a person with roles, nobody in particular, or the product itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from uuid import UUID

from people.kinds import Role

STAFF = frozenset({Role.COORDINATOR, Role.MANAGER})
"""Roles that work with other people's data."""


@dataclass(frozen=True)
class Actor:
    """Who asks. Policies and queries decide by this alone."""

    person_id: UUID | None = None
    roles: Mapping[UUID, frozenset[Role]] = field(default_factory=lambda: MappingProxyType({}))
    """Roles by community."""
    is_system: bool = False
    """The product itself: a job, an import, the command line of the one who runs it."""
    scopes: frozenset[str] | None = None
    """What an API token lets its person do, such as ``requests:read``; None is all they may."""

    @classmethod
    def system(cls) -> Actor:
        """The product itself."""
        return cls(is_system=True)

    @classmethod
    def anonymous(cls) -> Actor:
        """Somebody who has not signed in."""
        return cls()

    def has_role(self, community_id: UUID, *roles: Role) -> bool:
        """Whether the actor has one of these roles there."""
        return not self.roles.get(community_id, frozenset()).isdisjoint(roles)

    def is_staff(self, community_id: UUID) -> bool:
        """Whether the actor works for that community's programme."""
        return self.is_system or self.has_role(community_id, *STAFF)

    def staff_communities(self) -> tuple[UUID, ...]:
        """The communities where the actor works for the programme, in a fixed order."""
        return tuple(sorted(key for key, roles in self.roles.items() if roles & STAFF))
