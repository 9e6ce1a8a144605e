"""Every address of this room."""

from __future__ import annotations

from typing import Any

from web.pages.organizing import (
    audiences,
    campaign_steps,
    campaigns,
    gatherings,
    mailings,
    survey_file,
    surveys,
)

ROUTES: list[Any] = [
    campaigns.get_campaigns,
    campaigns.get_campaign_file,
    campaigns.get_doing,
    campaigns.post_doing,
    campaigns.post_results,
    campaign_steps.get_first,
    campaign_steps.post_first,
    campaign_steps.get_step,
    campaign_steps.post_step,
    audiences.get_audiences,
    audiences.get_new,
    audiences.post_new,
    audiences.get_audience,
    audiences.post_audience,
    gatherings.get_groups,
    gatherings.get_lead,
    gatherings.post_lead,
    gatherings.get_events,
    mailings.get_mailings,
    mailings.get_new,
    mailings.post_new,
    mailings.get_mailing_file,
    mailings.get_edit,
    mailings.post_edit,
    mailings.post_test,
    mailings.get_send,
    mailings.post_send,
    mailings.get_doing,
    mailings.post_doing,
    surveys.get_surveys,
    surveys.get_new,
    surveys.post_new,
    surveys.get_edit,
    surveys.post_edit,
    surveys.get_ask,
    surveys.post_ask,
    survey_file.get_survey_file,
    survey_file.get_doing,
    survey_file.post_doing,
    survey_file.post_words,
    survey_file.get_results_file,
]
