from __future__ import annotations

import pytest

from matching.kinds import RequestKind, TravelMode
from people.communities import CreateCommunity
from people.errors import InvalidCommunity, InvalidRules
from people.rules import DEFAULT_SERVICE_S, DEFAULT_TARGETS, Rules, read_rules


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


def test_a_target_that_a_programme_leaves_out_is_the_usual_one() -> None:
    rules = read_rules({"targets": {"messages": {"good": 4, "act": 8}}})
    own, usual = rules.target_of("messages"), rules.target_of("no_shows")
    assert own is not None
    assert (own.good, own.act, own.more_is_better) == (4, 8, False)
    assert usual is DEFAULT_TARGETS["no_shows"]
    assert rules.target_of("homes") is None


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
        ({"targets": {"homes": {"good": 9, "act": 5}}}, "'homes' has no target"),
        ({"targets": {"messages": {"good": -1, "act": 5}}}, "messages"),
        ({"targets": {"messages": {"good": 8, "act": 5}}}, "must be below"),
        ({"targets": {"share_served": {"good": 0.5, "act": 0.5}}}, "must be above"),
        ({"targets": {"no_shows": {"good": 0.1, "act": 5}}}, "a share"),
        ({"targets": {"no_shows": {"good": 0.1}}}, "targets"),
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
