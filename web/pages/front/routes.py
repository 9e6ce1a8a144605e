"""The addresses of this room."""

from __future__ import annotations

from typing import Any

from web.pages.front import (
    account,
    account_contacts,
    account_data,
    account_notices,
    app,
    feeds,
    home,
    numbers,
    public,
    towns,
)

ROUTES: list[Any] = [
    home.get_home,
    towns.get_towns,
    towns.post_town,
    public.get_help,
    public.get_rules,
    public.get_privacy,
    public.get_accessibility,
    numbers.get_numbers,
    numbers.get_impact,
    app.get_manifest,
    app.get_worker,
    app.get_offline,
    feeds.get_robots,
    feeds.get_sitemap,
    feeds.get_feed,
    feeds.get_calendar,
    account.get_account,
    account.get_name,
    account.post_name,
    account.get_reach,
    account.post_reach,
    account.post_end_browser,
    account.post_end_others,
    account_contacts.get_new_contact,
    account_contacts.post_new_contact,
    account_contacts.post_ask_contacts,
    account_contacts.post_prefer,
    account_contacts.post_remove,
    account_contacts.get_messages,
    account_contacts.post_messages,
    account_notices.post_notices,
    account_notices.post_remove_notices,
    account_data.get_data,
    account_data.post_data,
    account_data.get_forget,
    account_data.post_forget,
    account_data.get_forgotten,
]
