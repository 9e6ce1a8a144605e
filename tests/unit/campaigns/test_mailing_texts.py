"""The small text format of mailings, and who gets which variant: no database."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

import pytest

from campaigns.mailings.drawing import choose_text_language, count_fallbacks, draw_places
from campaigns.mailings.errors import InvalidMailing
from campaigns.mailings.kinds import MailingStatus, Variant
from campaigns.mailings.policy import can_change_settings, can_manage_mailings, can_read_mailings
from campaigns.mailings.states import MAILING
from campaigns.mailings.texts import (
    Text,
    check_texts,
    digest_texts,
    read_body,
    read_texts,
    write_texts,
)
from campaigns.mailings.wording import Addressed, make_words
from core.ids import new_id
from messaging.templates import SITE_MARK
from people.kinds import Role
from tests.factories.people import actor_as

GOOD = Text("Hello, {first_name}", "Dear {first_name},\n\n- One\n- Two\n\n[Go](/events)")


def check(body: str, **changes: str) -> None:
    text = Text(**({"subject": "Hello", "body": body} | changes))
    check_texts({Variant.A: {"en": text}})


def test_blocks_lists_and_links() -> None:
    body = read_body(
        "One\ntwo [three](/a) four\n\n- five\n- [six](https://city.example/x?y=1)\nend"
    )
    assert [block.is_list for block in body.blocks] == [False, True, False]
    assert "".join(span.words for span in body.blocks[0].lines[0]) == "One two three four"
    assert body.targets == ("/a", "https://city.example/x?y=1")


@pytest.mark.parametrize(
    "target",
    [
        "http://city.example",
        "javascript:alert(1)",
        "//evil.example/x",
        "https://user:pw@city.example",
        "https://city.example:8080/x",
        "https://10.0.0.1/x",
        "https://localhost/x",
        "https://\u0441ity.example/x",
        "https://{first_name}.example/",
        "mailto:a@b.example",
        "data:text/html,x",
        "relative/path",
        "/path\\evil",
    ],
)
def test_a_link_leads_home_or_to_a_named_https_address(target: str) -> None:
    with pytest.raises(InvalidMailing, match="line 3"):
        check(f"Hello\n\n[Go]({target})")


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("See https://city.example now", "Write the link"),
        ("Dear {name},", "to be filled in"),
        ("Dear {first_name", "not closed"),
        ("", "empty"),
        ("x" * 5_001, "5000"),
        ("turned \u202e round", "direction"),
        ("bell \x07", "nobody can read"),
        ("[https://bank.example](https://evil.example/x)", "look like an address"),
        ("\n\n".join(f"[a{n}](/b)" for n in range(11)), "10 links"),
    ],
)
def test_what_cannot_be_is_said_with_its_place(body: str, word: str) -> None:
    with pytest.raises(InvalidMailing, match=word):
        check(body)


def test_subjects_and_text_messages_hold_no_link_and_are_short() -> None:
    with pytest.raises(InvalidMailing, match="cannot hold a link"):
        check("Body", subject="[Go](/x)")
    with pytest.raises(InvalidMailing, match="one line"):
        check("Body", subject="a\nBcc: x")
    with pytest.raises(InvalidMailing, match="too long"):
        check("Body", short="ñandú señor " * 20)


def test_variants_differ_and_have_the_same_languages() -> None:
    other = Text("Another", "Body")
    with pytest.raises(InvalidMailing, match="same languages"):
        check_texts({Variant.A: {"en": GOOD, "es": GOOD}, Variant.B: {"en": other}})
    with pytest.raises(InvalidMailing, match="say the same"):
        check_texts({Variant.A: {"en": GOOD}, Variant.B: {"en": GOOD}})
    with pytest.raises(InvalidMailing, match="language"):
        check_texts({Variant.A: {"fi": GOOD}})
    with pytest.raises(InvalidMailing, match="body of the Spanish text is empty"):
        check_texts({Variant.A: {"es": Text("Hola", "")}})
    with pytest.raises(InvalidMailing, match="of the English text of version B is empty"):
        check_texts({Variant.A: {"en": GOOD}, Variant.B: {"en": Text("Hello", "")}})
    texts = {Variant.A: {"en": GOOD}, Variant.B: {"en": other}}
    check_texts(texts)
    assert read_texts(write_texts(texts)) == texts
    assert digest_texts("campaigns", texts) != digest_texts("programmes", texts)


def test_a_name_is_words_and_never_markup_or_a_link() -> None:
    to = Addressed("en", "Snowville", "<b>[x](https://evil.example)</b>", token="t0ken")
    words = make_words(GOOD, to)
    assert "&lt;b&gt;" in words.html
    assert "<b>" not in words.html
    assert 'href="https://evil' not in words.html
    assert f"{SITE_MARK}/l/t0ken#link-1" in words.text
    assert words.html.count("<li>") == 2
    assert "- One\n- Two" in words.text
    assert "first_name" not in words.subject + words.text + words.html


def test_text_messages_say_how_to_stop() -> None:
    words = make_words(Text("S", "Body", "Carts go out, {first_name}."), Addressed("es", "Nevada"))
    assert words.short == "Carts go out, vecino. Responda ALTO para no recibir más."
    assert make_words(GOOD, Addressed("en", "Snowville")).short == ""


def test_the_same_seed_draws_the_same_sample() -> None:
    people = [new_id() for _ in range(500)]
    first = draw_places(people, 7, 100)
    assert draw_places(reversed(people), 7, 100) == first
    assert [row.position for row in first] == list(range(500))
    assert Counter(row.variant for row in first) == {Variant.A: 100, Variant.B: 100, None: 300}
    assert {row.person_id for row in draw_places(people, 8, 100)[:200]} != {
        row.person_id for row in first[:200]
    }
    # Each half of the people is drawn about as often: no order of ids shows through.
    early = set(sorted(people)[:250])
    share = sum(row.person_id in early for row in first[:200]) / 200
    assert 0.35 < share < 0.65
    assert {row.variant for row in draw_places(people, 7, None)} == {Variant.A}


def test_languages_fall_back_and_are_counted() -> None:
    assert choose_text_language(["es-MX", "en"], ["en", "es"]) == ("es", False)
    assert choose_text_language(["ht", "es"], ["en", "es"]) == ("es", True)
    assert choose_text_language(["es"], ["en"]) == ("en", True)
    assert choose_text_language([], ["en"]) == ("en", False)
    spoken = {UUID(int=1): ["es"], UUID(int=2): ["en"], UUID(int=3): ["ht", "es"]}
    assert count_fallbacks(spoken, ["en"], ["en", "es"]) == {"es": 2}


def test_ends_are_ends_and_every_state_can_be_reached() -> None:
    assert not MAILING[MailingStatus.SENT]
    assert not MAILING[MailingStatus.CANCELLED]
    reached = {MailingStatus.DRAFT}
    for _ in MailingStatus:
        reached |= {after for before in reached for after in MAILING[before]}
    assert reached == set(MailingStatus)


def test_managers_and_teams_send_and_staff_read() -> None:
    here, elsewhere, somebody = new_id(), new_id(), new_id()
    manager = actor_as(Role.MANAGER, here)
    coordinator = actor_as(Role.COORDINATOR, here)
    member = actor_as(Role.RESIDENT, here, somebody)
    assert can_manage_mailings(manager, here)
    assert not can_manage_mailings(manager, elsewhere)
    assert not can_manage_mailings(coordinator, here)
    assert can_read_mailings(coordinator, here)
    assert not can_read_mailings(member, here)
    assert can_manage_mailings(member, here, frozenset({somebody}))
    assert not can_change_settings(coordinator, here)
