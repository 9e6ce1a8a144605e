"""Cases of matching rounds: for the staff of a community."""

from __future__ import annotations

from tests.factories.town import Town
from tests.graphql_api.asking import global_id
from tests.graphql_api.cases.case import Case, Variables


def community(town: Town, role: str) -> Variables:
    return {"communityId": global_id("Community", town.community_id), "first": 100}


def only_community(town: Town, role: str) -> Variables:
    return {"communityId": global_id("Community", town.community_id)}


def newest(town: Town, role: str) -> Variables:
    return {"roundId": global_id("Round", town.round_id)}


def newest_page(town: Town, role: str) -> Variables:
    return newest(town, role) | {"first": 100}


def document(town: Town, role: str) -> Variables:
    return newest(town, role) | {"kind": "PLAN"}


def left_request(town: Town, role: str) -> Variables:
    number = 2 * len(town.resident_ids)
    return {"requestId": global_id("HelpRequest", town.request_ids[number])}


def start(town: Town, role: str) -> Variables:
    key = global_id("Community", town.community_id)
    return {"input": {"communityId": key, "clientKey": "morning", "tries": 0}}


def stop(town: Town, role: str) -> Variables:
    return {"input": {"jobId": global_id("RoundJob", town.round_job_ids[-1])}}


def drop(town: Town, role: str) -> Variables:
    return {"input": {"roundId": global_id("Round", town.round_id)}}


CASES = (
    Case("staff/list_rounds", own=community),
    Case("staff/show_round", own=newest),
    Case("staff/round_visits", own=newest_page),
    Case("staff/unserved_requests", own=newest_page),
    Case("staff/explain_request", own=left_request),
    Case("staff/area_prices", own=newest),
    Case("staff/round_changes", own=newest),
    Case("staff/list_round_jobs", own=community),
    Case("staff/start_round", own=start),
    Case("staff/stop_round", own=stop),
    Case("staff/discard_drafts", own=drop),
    Case("integrator/latest_round", own=only_community),
    Case("integrator/round_document", own=document),
)
