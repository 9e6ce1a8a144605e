from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.translations import find_faults

ROOT = Path(__file__).parents[2]
PACKAGES = ("api", "web", "campaigns", "matching", "messaging", "people", "geo", "core")

PO_HEAD = """msgid ""
msgstr ""
"Language: es\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


@pytest.mark.parametrize("package", PACKAGES)
def test_every_string_is_translated_and_every_translation_used(package: str) -> None:
    assert find_faults(ROOT / package) == []


def make_package(folder: Path, *, po: str, template: str = "", code: str = "") -> Path:
    package = folder / "parcel"
    (package / "locales").mkdir(parents=True)
    (package / "emails" / "hello").mkdir(parents=True)
    (package / "locales" / "es.po").write_text(PO_HEAD + po, encoding="utf-8")
    (package / "emails" / "hello" / "body.txt").write_text(template, encoding="utf-8")
    (package / "words.py").write_text(code, encoding="utf-8")
    return package


GOOD = 'msgid "Hello %(name)s"\nmsgstr "Hola %(name)s"\n'


@pytest.mark.parametrize(
    ("po", "template", "code", "fault"),
    [
        (GOOD, "{{ _('Hello %(name)s', name=name) }}", "", None),
        (GOOD, "", "text = translator.gettext('Hello %(name)s', name=name)", None),
        ("", "{{ _('Hello') }}", "", "is missing in"),
        ("", "{% trans %}Hello{% endtrans %}", "", "is missing in"),
        ("", "", "text = _('Hello')", "is missing in"),
        (GOOD, "", "", "nobody says"),
        ("#, fuzzy\n" + GOOD, "{{ _('Hello %(name)s') }}", "", "fuzzy"),
        (GOOD.replace("Hola %(name)s", ""), "{{ _('Hello %(name)s') }}", "", "not translated"),
        (GOOD.replace("Hola %(name)s", "Hola"), "{{ _('Hello %(name)s') }}", "", "different"),
    ],
)
def test_faults_are_found(
    tmp_path: Path, po: str, template: str, code: str, fault: str | None
) -> None:
    faults = find_faults(make_package(tmp_path, po=po, template=template, code=code))

    if fault is None:
        assert faults == []
    else:
        assert len(faults) == 1
        assert fault in faults[0]


def test_strings_without_a_folder_of_translations_are_found(tmp_path: Path) -> None:
    package = tmp_path / "parcel"
    package.mkdir()
    (package / "words.py").write_text("text = _('Hello')", encoding="utf-8")

    (fault,) = find_faults(package)

    assert "no folder 'locales'" in fault
