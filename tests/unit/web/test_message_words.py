from __future__ import annotations

from pathlib import Path

from core.i18n import LANGUAGES, SOURCE_LANGUAGE, Translator
from matching.volunteering.ability_names import say_ability, say_check, say_gap
from people.rules import DEFAULT_VETTING, Rules, VettingRule
from web.pages.casework.message_words import say_message_kind
from web.pages.rendering import TEMPLATES

ROOT = Path(__file__).parents[3]


def test_every_message_that_is_sent_has_a_name_for_staff() -> None:
    folders = [path for part in ("campaigns", "matching", "messaging", "people")
               for path in (ROOT / part).glob("emails/*") if path.is_dir()]  # fmt: skip
    assert len(folders) > 30
    for language in set(LANGUAGES) - {SOURCE_LANGUAGE}:
        say = Translator(language, TEMPLATES).gettext
        for folder in folders:
            words = say_message_kind(say, folder.name)
            assert words != say_message_kind(lambda text: text, folder.name), folder.name
            assert words != folder.name.replace("_", " "), folder.name


def test_checks_and_tools_are_named_by_code_in_the_readers_language() -> None:
    own = VettingRule(label="un curso de la ciudad")
    rules = Rules(vetting={**DEFAULT_VETTING, "waiver": own})
    for code, rule in DEFAULT_VETTING.items():
        assert say_check("es", code, Rules()) != rule.label
    assert say_check("en", "training", rules) == "the safety training"
    assert say_check("es", "waiver", rules) == own.label, "what a town worded stays"
    assert say_check("es", "gone_long_ago", rules) == "gone long ago"
    assert say_gap("es", "vetting:training", rules) == say_check("es", "training", rules)
    assert say_gap("es", "adult:snow", rules) == "un adulto que acompañe"
    assert say_ability("es", "shovel", "Shovel") == "Pala para nieve"
    assert say_ability("es", "ice_axe", "") == "Ice axe"
