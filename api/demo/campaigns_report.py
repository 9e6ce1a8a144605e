"""``talkoot demo --campaigns``: two campaigns, what is said of them, and their pages."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from api.demo.campaigns import PlayedCampaigns, play_campaigns
from api.demo.evening import DATABASE, DemoSize, prepare_folder
from api.opening import open_database
from api.progress import Steps
from campaigns.results.effect_words import say_cost, say_measured, say_verdict
from campaigns.results.exporting import ResultFile
from campaigns.results.figures import Results
from campaigns.results.naming import name_measure, name_outcome
from campaigns.results.page import HERE
from core.db import Database
from core.i18n import LANGUAGES, Translator
from core.ids import new_id
from matching.files.json_file import write_whole
from matching.maps.areas import open_city_map
from people.auth import Actor
from people.models import Community
from people.rules import Rules
from web.pages.campaign_results import render_file, write_file

MOMENT = datetime(2026, 10, 5, 15, 0, tzinfo=UTC)
"""Both campaigns ended the day before."""
CITY, CITY_NAME, TIME_ZONE, UTM_EPSG = "cambridge", "Cambridge", "America/New_York", 32619
OPENED = datetime(2025, 1, 1, tzinfo=UTC)
SLUGS = ("cart-tags", "ride-weeks")
OUTPUTS = tuple(
    name
    for slug in SLUGS
    for name in (
        *(f"{slug}-{language}.html" for language in LANGUAGES),
        *(f"{slug}-{file.value}" for file in ResultFile),
    )
)
NOTE = (
    "Two campaigns in Cambridge, two seasons each. The streets and addresses are real; people, "
    "rides, weights and costs are synthetic. What each campaign truly does is set in "
    "api/demo/campaigns.py; what is said of it was measured."
)


async def play_in_folder(out: Path, seed: int, steps: Steps) -> PlayedCampaigns:
    """A new community in a folder of its own, its campaigns, and their pages and files."""
    url = prepare_folder(out, DemoSize(0, 0, seed), play="campaigns", outputs=(*OUTPUTS, DATABASE))
    async with open_database(url) as database:
        community = await open_community(database)
        played = await play_campaigns(
            database, community, Actor.system(), seed=seed, now=MOMENT, steps=steps
        )
    steps.start("Writing pages and files")
    for results in played.results:
        write_results(out, results, community)
    steps.finish()
    return played


async def open_community(database: Database) -> Community:
    """The city in which the campaigns are."""
    community = Community(
        id=new_id(),
        slug=CITY,
        name=CITY_NAME,
        time_zone=TIME_ZONE,
        city_pack=CITY,
        utm_epsg=UTM_EPSG,
        created_at=OPENED,
    )
    async with database.begin() as session:
        session.add(community)
    return community


def write_results(out: Path, results: Results, community: Community) -> list[Path]:
    """The page in every language, and every file."""
    slug, written = results.about.slug, []
    city = open_city_map(community, Rules().anonymity_k)
    contents = {
        f"{slug}-{language}.html": render_file(results, language).encode() for language in LANGUAGES
    } | {f"{slug}-{file.value}": write_file(results, file, city) for file in ResultFile}
    for name, content in contents.items():
        write_whole(out / name, content)
        written.append(out / name)
    return written


def print_campaigns(console: Console, played: PlayedCampaigns, out: Path) -> None:
    """What the product says of each campaign."""
    console.print()
    console.print(NOTE)
    for results in played.results:
        print_results(console, results)
    console.print()
    names = " and ".join(f"{slug}-en.html" for slug in SLUGS)
    console.print(f"[bold]Open {out}[/]: {names} print as they stand; CSV and GeoJSON beside them.")


def print_results(console: Console, results: Results) -> None:
    """The verdict and the costs of one campaign."""
    speaker = Translator("en", HERE, time_zone=results.about.time_zone)
    console.print()
    console.print(f"[bold]{results.about.title}[/]")
    main = results.main_effect
    if main is None:
        console.print("No effect was measured.")
        return
    console.print(f"{name_measure(speaker, main.measure)}. [bold]{say_verdict(speaker, main)}[/]")
    console.print(say_measured(speaker, main), markup=False)
    for cost in results.costs:
        console.print(
            f"  {name_outcome(speaker, cost.outcome)}: {say_cost(speaker, cost)}", markup=False
        )
