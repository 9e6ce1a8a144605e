from __future__ import annotations

import pytest

from matching.kinds import RequestKind, TravelMode
from people.communities import CreateCommunity
from people.errors import InvalidCommunity, InvalidRules
from people.rules import DEFAULT_SERVICE_S, Rules, read_rules


def test_absent_rules_take_their_default() -> None:
    assert read_rules({}) == Rules()
    assert read_rules({"max_tasks": 5}).max_tasks == 5


def test_defaults_know_every_kind_of_help_and_every_mode() -> None:
    assert set(DEFAULT_SERVICE_S) == {kind.value for kind in RequestKind}
    assert all(Rules().travel_limit_s(mode) > 0 for mode in TravelMode)


def test_kind_that_a_programme_leaves_out_has_a_duration() -> None:
    rules = read_rules({"service_s": {"snow": 900}})
    assert rules.default_service_s("snow") == 900
    assert rules.default_service_s("yard") == DEFAULT_SERVICE_S["other"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"max_task": 3}, "max_task"),
        ({"max_tasks": "three"}, "max_tasks"),
        ({"max_tasks": -1}, "max_tasks"),
        ({"service_s": {"snow": -5}}, "service_s"),
        ({"anonymity_k": 1}, "anonymity_k"),
        ({"help_phone": "617-555-0100"}, "help_phone"),
        ({"help_phone": "+1 call us"}, "help_phone"),
    ],
)
def test_wrong_rule_is_named(data: dict[str, object], expected: str) -> None:
    with pytest.raises(InvalidRules, match=expected):
        read_rules(data)


@pytest.mark.parametrize(
    ("slug", "zone"),
    [("Cambridge", "UTC"), ("", "UTC"), ("a b", "UTC"), ("x", "Mars/Base"), ("x", "../etc")],
)
def test_community_that_cannot_be(slug: str, zone: str) -> None:
    with pytest.raises(InvalidCommunity):
        CreateCommunity(slug=slug, name="X", time_zone=zone, city_pack="cambridge", utm_epsg=32619)
