"""Operations about sign-ins and API tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.graphql_api.asking import global_id
from tests.graphql_api.cases.case import Case

if TYPE_CHECKING:
    from tests.factories.town import Town


def _page(town: Town, role: str) -> dict[str, Any]:
    return {"first": 100}


def _owner(town: Town, role: str) -> UUID:
    return {
        "resident": town.resident_ids[0],
        "coordinator": town.coordinator_id,
        "manager": town.manager_id,
    }.get(role, town.volunteer_person_ids[0])


def _sign_in(ids: Mapping[UUID, UUID], owner: UUID) -> dict[str, Any]:
    return {"input": {"signInId": global_id("SignIn", ids[owner])}}


def _token(ids: Mapping[UUID, UUID], owner: UUID) -> dict[str, Any]:
    return {"input": {"tokenId": global_id("ApiToken", ids[owner])}}


CASES: tuple[Case, ...] = (
    Case("resident/my_sign_ins", _page),
    Case(
        "resident/sign_out",
        lambda town, role: _sign_in(town.sign_in_ids, _owner(town, role)),
        lambda town, other: _sign_in(town.sign_in_ids, town.volunteer_person_ids[1]),
    ),
    Case("resident/sign_out_elsewhere", lambda town, role: {"input": {"keepThis": False}}),
    Case("integrator/my_api_tokens", _page),
    Case(
        "integrator/create_api_token",
        lambda town, role: {"input": {"name": "Snow map", "scopes": ["requests:read"]}},
    ),
    Case(
        "integrator/revoke_api_token",
        lambda town, role: _token(town.token_ids, _owner(town, role)),
        lambda town, other: _token(town.token_ids, town.volunteer_person_ids[1]),
    ),
)
