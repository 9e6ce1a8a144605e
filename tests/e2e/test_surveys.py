"""A manager asks people in a browser: written, looked at, asked, closed, read."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.e2e.looking import Scheme, looking
from tests.e2e.test_organizing import SIZES, check, go_on


@pytest.mark.parametrize(("width", "javascript"), SIZES)
def test_a_survey_is_written_asked_and_closed(
    browser: Browser, site: str, width: int, javascript: bool
) -> None:
    scheme: Scheme = "light" if javascript else "dark"
    with looking(browser, site, width=width, scheme=scheme, javascript=javascript) as window:
        page = window.page
        window.sign_in("other-manager")
        assert window.open("/staff/surveys") == 200
        check(window, "surveys", javascript)
        page.get_by_role("link", name="Write a survey").click()
        go_on(window, "Keep the draft and look at it")
        assert page.title().startswith("Error: ")
        check(window, "survey-wrong", javascript)
        english = page.get_by_role("group", name="English")
        english.get_by_label("Title").fill(f"Benches {width}")
        page.get_by_label("The question: English").fill("Where shall the bench stand?")
        page.get_by_label("Answers to choose from: English").fill("At the school\nAt the river")
        go_on(window, "One more question")
        second = page.get_by_role("group", name="Question 2")
        second.get_by_label("How is it answered?").select_option("scale")
        second.get_by_label("The question: English").fill("How much would you use it?")
        page.get_by_label("Whom to ask").select_option(index=1)
        go_on(window, "See about how many")
        assert page.get_by_role("heading", name="It reaches").is_visible()
        check(window, "survey-write", javascript)
        go_on(window, "Keep the draft and look at it")
        assert page.get_by_text("Nobody was asked yet").is_visible()
        check(window, "survey-draft", javascript)
        page.get_by_role("link", name="Ask people").click()
        check(window, "survey-ask", javascript)
        go_on(window, "Ask them")
        assert page.title().startswith("Error: ")
        check(window, "survey-everybody", javascript)
        page.get_by_label("Yes, it is meant for nearly everybody").check()
        go_on(window, "Ask them")
        assert page.get_by_role("heading", level=1, name="We asked").is_visible()
        check(window, "survey-open", javascript)
        page.get_by_role("link", name="Close it now").click()
        check(window, "survey-close", javascript)
        go_on(window, "Close it now")
        assert page.get_by_text("so nothing can be said").is_visible()
        check(window, "survey-closed", javascript)
        window.open("/staff/surveys")
        page.get_by_role("link", name="The tool depot 2", exact=True).click()
        page.get_by_text("By neighborhood").first.click()
        assert page.get_by_role("row", name="Yes 62 of 100").is_visible()
        check(window, "survey-results", javascript)
