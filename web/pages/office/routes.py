"""Every address of this room."""

from __future__ import annotations

from typing import Any

from web.pages.office import exports, imports, ordinances, reports, rules, settings

ROUTES: list[Any] = [
    ordinances.get_city_rule,
    ordinances.post_city_rule,
    rules.get_rules,
    rules.get_change,
    rules.post_change,
    imports.get_imports,
    imports.post_check,
    imports.post_take,
    imports.post_refused,
    exports.get_exports,
    reports.get_reports,
    reports.get_reports_file,
    settings.get_settings,
    settings.get_token,
    settings.post_token,
    settings.post_token_end,
    settings.get_webhook,
    settings.post_webhook,
    settings.post_webhook_do,
]
