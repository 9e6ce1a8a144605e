"""Operations about webhooks and calendars."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.conftest import EVENING_OF_SNOW
from tests.graphql_api.asking import global_id
from tests.graphql_api.cases.case import Case

if TYPE_CHECKING:
    from tests.factories.town import Town


def _page(town: Town, role: str) -> dict[str, Any]:
    return {"communityId": global_id("Community", town.community_id), "first": 100}


def _webhook(town: Town, role: str) -> dict[str, Any]:
    return {"input": {"webhookId": global_id("Webhook", town.webhook_ids[0])}}


def _create(town: Town, role: str) -> dict[str, Any]:
    return {
        "input": {
            "communityId": global_id("Community", town.community_id),
            "url": "https://hooks.example.org/talkoot",
            "kinds": ["request.opened", "storm.activated"],
        }
    }


def _change(town: Town, role: str) -> dict[str, Any]:
    variables = _webhook(town, role)
    variables["input"] |= {"kinds": ["request.done"], "description": "Another board"}
    return variables


def _replay(town: Town, role: str) -> dict[str, Any]:
    variables = _webhook(town, role)
    variables["input"] |= {
        "since": (EVENING_OF_SNOW - timedelta(days=1)).isoformat(),
        "until": EVENING_OF_SNOW.isoformat(),
    }
    return variables


def _create_calendar(town: Town, role: str) -> dict[str, Any]:
    kind = "STORMS" if role in ("coordinator", "manager") else "VISITS"
    return {"input": {"communityId": global_id("Community", town.community_id), "kind": kind}}


def _end_calendar(town: Town, role: str) -> dict[str, Any]:
    owner = {"coordinator": town.coordinator_id, "manager": town.manager_id}.get(
        role, town.volunteer_person_ids[0]
    )
    return {"input": {"calendarId": global_id("Calendar", town.calendar_ids[owner])}}


def _end_calendar_of_another(town: Town, other: Town) -> dict[str, Any]:
    key = town.calendar_ids[town.volunteer_person_ids[1]]
    return {"input": {"calendarId": global_id("Calendar", key)}}


CASES: tuple[Case, ...] = (
    Case("integrator/webhook_kinds", lambda town, role: {}),
    Case("integrator/list_webhooks", _page),
    Case(
        "integrator/webhook_deliveries",
        lambda town, role: {"webhookId": global_id("Webhook", town.webhook_ids[0]), "first": 100},
    ),
    Case("integrator/create_webhook", _create),
    Case("integrator/change_webhook", _change),
    Case("integrator/rotate_webhook_secret", _webhook),
    Case("integrator/disable_webhook", _webhook),
    Case(
        "integrator/enable_webhook",
        _webhook,
        before=(("integrator/disable_webhook", lambda town: _webhook(town, "manager")),),
    ),
    Case("integrator/delete_webhook", _webhook),
    Case("integrator/test_webhook", _webhook),
    Case(
        "integrator/replay_webhook_delivery",
        lambda town, role: {
            "input": {"deliveryId": global_id("WebhookDelivery", town.delivery_ids[0])}
        },
    ),
    Case("integrator/replay_webhook_deliveries", _replay),
    Case("volunteer/my_calendars", lambda town, role: {"first": 100}),
    Case("volunteer/create_calendar", _create_calendar),
    Case("volunteer/end_calendar", _end_calendar, _end_calendar_of_another),
)
