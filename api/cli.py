"""The command line: ``talkoot COMMAND``. Commands load lazily, so that ``--help`` is instant."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from core.errors import TalkootError

USAGE_EXIT_CODE = 2

COMMANDS = {
    "campaign-results": (
        "api.commands.campaign_results",
        "campaign_results_group",
        "What a campaign achieved: pages, files, publishing.",
    ),
    "campaign": (
        "api.commands.campaigns",
        "campaign_group",
        "Look at campaigns, and bring rides from a file.",
    ),
    "city": ("api.commands.city", "city", "Build and look into city packs."),
    "community": (
        "api.commands.communities",
        "community_group",
        "Open a city's programme, and list those that there are.",
    ),
    "deadline": ("api.commands.deadline", "deadline", "Say until when a city wants snow cleared."),
    "demo": ("api.commands.demo", "demo", "One evening of snow in Cambridge, from start to map."),
    "explain": ("api.commands.rounds", "explain", "Say why a request is not served."),
    "geocode": ("api.commands.geocode", "geocode", "Find addresses in a city pack."),
    "graphql": (
        "api.commands.graphql",
        "graphql_group",
        "Write or compare the contract of the GraphQL API.",
    ),
    "import": ("api.commands.imports", "import_group", "Import residents or volunteers from CSV."),
    "ladder": ("api.commands.ladder", "ladder", "Who was asked; review, urgency, learning."),
    "migrate": ("api.commands.database", "migrate", "Bring the database to this version."),
    "person": ("api.commands.people", "person_group", "What is kept of a person; the staff."),
    "push": ("api.commands.push", "push_group", "Keys for notices on phones."),
    "receive-mail": (
        "api.commands.receive_mail",
        "receive_mail_command",
        "Take in a bounce or a reply from standard input.",
    ),
    "recruiting": (
        "api.commands.recruiting",
        "recruiting_group",
        "Look at what recruitment campaigns promise.",
    ),
    "recycling": (
        "api.commands.recycling",
        "recycling_group",
        "Collection routes, and what was counted on them.",
    ),
    "request": ("api.commands.requests", "request_group", "Take and look through calls for help."),
    "round": ("api.commands.rounds", "round_command", "Match open requests with volunteers."),
    "serve": ("api.commands.serve", "serve", "Serve the pages; on SQLite also do what is due."),
    "simulate": ("api.commands.simulate", "simulate", "Play storms with made-up people."),
    "solve": ("api.commands.solve", "solve", "Solve a matching problem from a JSON file."),
    "wave": ("api.commands.ladder", "wave", "Plan whom to ask now."),
    "worker": ("api.commands.worker", "worker", "Do what is due: messages, offers, weather."),
    "storm": ("api.commands.storms", "storm_group", "Look at storms, and direct them."),
    "token": ("api.commands.tokens", "token_group", "API tokens of the staff, for programs."),
    "tools": ("api.commands.tools", "tools_group", "Depots: what they own, lend and get back."),
    "verify": ("api.commands.verify", "verify", "Check a plan against its problem."),
    "volunteer": (
        "api.commands.volunteers",
        "volunteer_group",
        "Take volunteers in; pauses, checks, bans.",
    ),
}


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is run, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][2]) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="talkoot")
def talkoot() -> None:
    """Pair residents who need help with nearby volunteers, and say why when it cannot be."""


def main(args: list[str] | None = None) -> Any:
    """Run the command line; an error that we foresaw is one line and exit code 2."""
    try:
        return talkoot.main(args=args, prog_name="talkoot")
    except TalkootError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(USAGE_EXIT_CODE)


if __name__ == "__main__":
    main()
