"""The pages on which a programme is set up: rules, lists that come in, files that go out."""

from __future__ import annotations

import re
from pathlib import Path

from matching.intake.models import IntakeRules
from matching.models import HelpRequest, Volunteer
from messaging.webhooks.models import WebhookEndpoint
from people.models import CommunityRules
from people.repository import read_rules_at
from people.signing_in.models import ApiToken
from tests.ids import drop_ids
from tests.town_pages import OURS, Pages, count, press

PACKED = re.compile(r'name="packed" value="([^"]+)"')
EXAMPLES = Path(__file__).parents[2] / "web" / "static" / "examples"


async def test_who_sees_the_pages_of_the_office(pages: Pages) -> None:
    who = {
        "stranger": {},
        "member": await pages.as_person(pages.here.resident_ids[0]),
        "coordinator": await pages.as_person(pages.here.coordinator_id),
        "manager": await pages.as_person(pages.here.manager_id),
    }
    expected = {
        "/staff/rules": (303, 403, 200, 200),
        "/staff/rules/ways": (303, 403, 403, 200),
        "/staff/rules/times": (303, 403, 403, 200),
        "/staff/rules/checks": (303, 403, 403, 200),
        "/staff/rules/targets": (303, 403, 403, 200),
        "/staff/rules/nonsense": (303, 403, 403, 404),
        "/staff/rules/city": (303, 403, 200, 200),
        "/staff/imports": (303, 403, 200, 200),
        "/staff/exports": (303, 403, 200, 200),
    }
    for path, statuses in expected.items():
        seen = [
            (await pages.client.get(path, headers=headers, follow_redirects=False)).status_code
            for headers in who.values()
        ]
        assert tuple(seen) == statuses, path
    exports = (await pages.get("/staff/exports", who["manager"])).text
    assert "/exports/snowville/requests.csv" in exports
    assert "elsewhere" not in exports


async def test_rules_change_after_a_look_at_what_changes(pages: Pages) -> None:
    manager = await pages.as_person(pages.here.manager_id)
    path, town = "/staff/rules/ways", pages.here.community_id
    before = await count(pages, CommunityRules)
    form = {"walk_limit_s": "12", "bike_limit_s": "20", "car_limit_s": "15", "from": "now"}

    wrong = await press(pages, path, manager, form | {"walk_limit_s": "far", "from": "day"})
    assert wrong.status_code == 422
    assert wrong.text.count("Write a number from 1 to 120") == 2
    assert wrong.text.count("Choose a day from tomorrow on") == 2
    shown = await press(pages, path, manager, form | {"do": "look"})
    assert shown.status_code == 200
    assert "walk more than 20 minutes" in shown.text
    assert "walk more than 12 minutes" in shown.text
    assert "drive more than" not in shown.text
    assert await count(pages, CommunityRules) == before

    for _ in range(2):
        await press(pages, path, manager, form | {"do": "save"})
    assert await count(pages, CommunityRules) == before + 1
    async with pages.database.read() as session:
        rules = await read_rules_at(session, town, pages.clock.now())
    assert (rules.walk_limit_s, rules.car_limit_s) == (720, 900)
    page = (await pages.get("/staff/rules?lang=es", manager)).text
    assert "Estas reglas valen desde" in page
    other = await pages.as_person(pages.there.manager_id)
    assert "walk more than 20 minutes" in (await pages.get("/staff/rules?lang=en", other)).text

    times = {"from": "day", "day": "2026-02-01", "do": "save"}
    names = re.findall(r'name="(time-\w+)"', (await pages.get("/staff/rules/times", manager)).text)
    await press(pages, "/staff/rules/times", manager, times | dict.fromkeys(names, "25"))
    page = (await pages.get("/staff/rules?lang=en", manager)).text
    assert "Other rules are planned from February 1, 2026 on." in page


async def test_a_town_sets_its_own_targets(pages: Pages) -> None:
    manager = await pages.as_person(pages.here.manager_id)
    path, before = "/staff/rules/targets", await count(pages, CommunityRules)
    page = (await pages.get(path, manager)).text
    form = {"from": "now", "do": "save"} | dict(
        re.findall(r'name="((?:good|act)-\w+)" value="([^"]*)"', page)
    )
    assert (form["good-share_served"], form["act-first_yes"]) == ("90", "6")
    assert "Usual: 90 and 75 of 100." in page
    wrong = await press(pages, path, manager, form | {"good-messages": "12", "act-no_shows": "x"})
    assert wrong.status_code == 422
    assert wrong.text.count("Good must be less than the number at which to act") == 2
    assert wrong.text.count("Write a number from 0 to 100") == 2
    same = await press(pages, path, manager, form)
    assert "Nothing would change." in same.text
    new = form | {"good-share_served": "97.5", "act-share_served": "80"}
    look = await press(pages, path, manager, new | {"do": "look"})
    assert "good from 90% on, time to act below 75%" in look.text
    assert await count(pages, CommunityRules) == before
    for _ in range(2):
        await press(pages, path, manager, new)
    assert await count(pages, CommunityRules) == before + 1
    assert "Target: at least 98%." in (await pages.get("/staff/reports", manager)).text
    other = await pages.as_person(pages.there.manager_id)
    assert "Target: at least 90%." in (await pages.get("/staff/reports", other)).text
    coordinator = await pages.as_person(pages.here.coordinator_id)
    assert path not in (await pages.get("/staff/reports", coordinator)).text
    spanish = (await pages.get("/staff/rules?lang=es", coordinator)).text
    assert "hora de actuar por debajo de" in spanish


async def test_the_rule_of_a_city_is_chosen_with_its_source(pages: Pages) -> None:
    manager = await pages.as_person(pages.here.manager_id)
    path = "/staff/rules/city"
    page = (await pages.get(path, manager)).text
    assert "Department of Public Works" in page
    wrong = await press(pages, path, manager, {"ordinance": "atlantis", "promise_hours": "x"})
    assert wrong.status_code == 422
    form = {"ordinance": "boston", "promise_hours": "6", "from": "now"}
    shown = await press(pages, path, manager, form)
    assert "Boston" in shown.text
    assert await count(pages, IntakeRules) == 0
    done = await press(pages, path, manager, form | {"do": "save"})
    assert done.headers["location"] == "/staff/rules?said=changed"
    assert "We promise help within 6 hours" in (await pages.get("/staff/rules", manager)).text


async def test_a_list_is_checked_line_by_line_and_then_taken_over(pages: Pages) -> None:
    manager = await pages.as_person(pages.here.manager_id)
    before = await count(pages, Volunteer)
    lines = (EXAMPLES / "volunteers.csv").read_bytes()
    path, good = "/staff/imports", {"kind": "volunteers"}

    nothing = await press(pages, path, manager, good)
    picture = await press(pages, path, manager, good, file=b"\x89PNG\r\n\x1a\n" + b"0" * 50)
    large = await press(pages, path, manager, good, file=b"name\n" + b"a" * 2_000_001)
    assert [nothing.status_code, picture.status_code, large.status_code] == [422, 422, 422]
    assert "PNG picture" in picture.text

    bad = lines + b'V-4,,four@example,12,"1 Nowhere Street",xx,shovel,noon,fly,3,\n'
    check = await press(pages, path, manager, good, file=bad)
    assert check.status_code == 200
    assert "3 of 4 lines are good." in check.text
    assert "Take over 3 lines" in check.text
    assert "four@example" not in check.text
    assert await count(pages, Volunteer) == before

    packed = PACKED.search(check.text)
    assert packed is not None
    carried = good | {"packed": packed[1]}
    refused = await press(pages, f"{path}/refused", manager, carried, page=path)
    assert refused.headers["content-disposition"].endswith('"volunteers-refused.csv"')
    assert refused.text.count("V-") == 1
    for _ in range(2):
        taken = await press(pages, f"{path}/take", manager, carried, page=path)
        assert taken.headers["location"] == "/staff/imports?said=taken"
    assert await count(pages, Volunteer) == before + 3
    broken = await press(pages, f"{path}/take", manager, good | {"packed": "!!"}, page=path)
    assert broken.status_code == 422

    requests = await count(pages, HelpRequest)
    homes = (EXAMPLES / "requests.csv").read_bytes()
    check = await press(pages, path, manager, {"kind": "residents"}, file=homes)
    assert "3 lines, and all are good." in check.text
    assert await count(pages, HelpRequest) == requests


async def test_lists_are_refused_from_other_sites_and_from_who_is_not_staff(pages: Pages) -> None:
    manager = await pages.as_person(pages.here.manager_id)
    member = await pages.as_person(pages.here.resident_ids[0])
    data = {"kind": "volunteers", "packed": ""}
    for path in ("/staff/imports", "/staff/imports/take", "/staff/imports/refused"):
        foreign = manager | {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
        answers = [
            await pages.client.post(path, data=data, headers=headers, follow_redirects=False)
            for headers in (foreign, manager | OURS, member | OURS)
        ]
        assert [answer.status_code for answer in answers] == [403, 403, 403]


async def test_tokens_and_told_systems_are_made_once_and_ended(pages: Pages) -> None:
    manager = await pages.as_person(pages.here.manager_id)
    coordinator = await pages.as_person(pages.here.coordinator_id)
    path = "/staff/settings"
    new = f"{path}/tokens/new"
    page = (await pages.get(path, coordinator)).text
    assert "Systems that are told" not in page
    assert (await pages.get(f"{path}/webhooks/new", coordinator)).status_code == 403
    before = await count(pages, ApiToken), await count(pages, WebhookEndpoint)

    wrong = await press(pages, new, coordinator, {"name": "", "days": "0"})
    assert wrong.status_code == 422
    assert wrong.text.count("Choose at least one thing") == 2
    form = {"name": "Snow map", "scopes": ["requests:read"], "days": "30"}
    made = await press(pages, new, coordinator, form)
    again = await press(pages, new, coordinator, form)
    assert (made.status_code, again.status_code) == (200, 422)
    assert len(re.findall(r"tlk_[\w-]{20,}", drop_ids(made.text))) == 1
    assert made.headers["cache-control"] == "no-store"
    listed = (await pages.get(path, coordinator)).text
    assert "tlk_" not in drop_ids(listed)
    assert "Snow map" in listed
    assert "Snow map" not in (await pages.get(path, manager)).text
    token = re.findall(r"/tokens/([0-9a-f-]{36})/end", listed)[-1]
    stranger = await press(pages, f"{path}/tokens/{token}/end", manager, {}, page=path)
    assert stranger.headers["location"] == path
    for _ in range(2):
        ended = await press(pages, f"{path}/tokens/{token}/end", coordinator, {}, page=path)
        assert ended.status_code == 303

    hook = f"{path}/webhooks/new"
    bad = await press(pages, hook, manager, {"url": "http://127.0.0.1/", "kinds": ["nonsense"]})
    assert bad.status_code == 422
    form = {"url": "https://hooks.example.org/talkoot", "kinds": ["request.done"]}
    told = await press(pages, hook, manager, form)
    twice = await press(pages, hook, manager, form)
    assert (told.status_code, twice.status_code) == (200, 422)
    assert "whsec_" in told.text
    assert "whsec_" not in (await pages.get(path, manager)).text
    assert before == (
        await count(pages, ApiToken) - 1,
        await count(pages, WebhookEndpoint) - 1,
    )


async def test_figures_are_told_in_words_and_as_a_file(pages: Pages) -> None:
    coordinator = await pages.as_person(pages.here.coordinator_id)
    page = (await pages.get("/staff/reports", coordinator)).text
    assert "Requests that were served" in page
    assert "Target: at least 90%" in page
    assert "week by week" in page
    assert "semana a semana" in (await pages.get("/staff/reports?lang=es", coordinator)).text
    file = await pages.get("/staff/reports.csv", coordinator)
    lines = file.text.lstrip("\ufeff").splitlines()
    assert lines[0].startswith("week_from,homes,share_served,first_yes")
    assert len(lines) == 13
    assert (
        "Figures of the programme" in (await pages.get("/staff/exports?lang=en", coordinator)).text
    )
    member = await pages.as_person(pages.here.resident_ids[0])
    for path in ("/staff/reports", "/staff/reports.csv", "/staff/settings"):
        assert (await pages.get(path, member)).status_code == 403
