"""``talkoot city build|info``: build and look into city packs."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from api.progress import Steps, show_steps
from core.errors import InvalidInput
from geo.city import PACK_DIRECTORY, CityPack, find_pack_file
from geo.city_spec import read_city_spec
from geo.municipal import build_municipal_pack
from geo.osm import OsmSettings, build_osm_pack
from geo.pack_build import Progress

SHOWN_AREAS = 30
DEFAULT_ZONE = "UTC"
_PATH = click.Path(path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def city() -> None:
    """Build and look into city packs."""


@city.command()
@click.option(
    "--municipal",
    type=_PATH,
    metavar="DIR",
    help="Folder with the city's GeoJSON or TopoJSON layers and its address table.",
)
@click.option(
    "--spec",
    type=_PATH,
    metavar="FILE.toml",
    help="Which file and column holds what; that of Cambridge by default.",
)
@click.option("--osm", type=_PATH, metavar="FILE.pbf", help="An OpenStreetMap extract.")
@click.option("--boundary", type=_PATH, metavar="FILE", help="With --osm: the service area.")
@click.option("--areas", type=_PATH, metavar="FILE", help="With --osm: the neighbourhoods.")
@click.option("--area-name", default="name", show_default=True, help="Column with the area's name.")
@click.option("--name", help="With --osm: the city's name; that of the file by default.")
@click.option("--time-zone", help="With --osm: IANA name, such as Europe/Helsinki.")
@click.option(
    "--number-order",
    type=click.Choice(["first", "last", "auto"]),
    default="auto",
    show_default=True,
    help='With --osm: "12 Main St" or "Mannerheimintie 12"; auto looks at the street names.',
)
@click.option(
    "--place-name",
    "place_names",
    multiple=True,
    help="With --osm: state, country or another name of the city that may follow an address.",
)
@click.option("-o", "--output", type=_PATH, metavar="PACK", required=True, help="File to write.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
def build(output: Path, quiet: bool, **options: Any) -> None:
    """Build a pack from municipal files (--municipal) or from OpenStreetMap (--osm)."""
    municipal, osm = options["municipal"], options["osm"]
    if (municipal is None) == (osm is None):
        raise InvalidInput("give either --municipal DIR or --osm FILE")
    if not output.parent.is_dir():
        raise InvalidInput(f"{output.parent}: no such folder; create it first")
    with show_steps(quiet=quiet) as steps:
        if municipal is not None:
            _refuse_osm_options(options)
            _build_municipal(municipal, options["spec"], output, steps)
        else:
            if options["spec"] is not None:
                raise InvalidInput("--spec belongs to --municipal")
            _build_osm(osm, options, output, steps)
    if not quiet:
        pack = CityPack.open(output)
        if osm is not None and options["time_zone"] is None:
            click.echo(f"No --time-zone given: the pack says {DEFAULT_ZONE}.", err=True)
        counts = pack.layer_counts()
        click.echo(
            f"{output}: {pack.meta.name}, {counts['address']:,} addresses, "
            f"{counts['street']:,} street segments, {output.stat().st_size / 1e6:.1f} MB"
        )


def _refuse_osm_options(options: dict[str, Any]) -> None:
    for name in ("boundary", "areas", "name", "time_zone", "place_names"):
        if options[name]:
            flag = "--" + name.removesuffix("s" if name == "place_names" else "").replace("_", "-")
            raise InvalidInput(f"{flag} belongs to --osm; with --municipal the spec says it")


def _build_municipal(folder: Path, spec: Path | None, output: Path, steps: Steps) -> None:
    if not folder.is_dir():
        raise InvalidInput(f"{folder}: no such folder")
    path = spec or PACK_DIRECTORY / "cambridge.toml"
    build_municipal_pack(
        folder,
        read_city_spec(path),
        output,
        spec_text=path.read_text(encoding="utf-8"),
        progress=_progress(steps),
    )


def _build_osm(extract: Path, options: dict[str, Any], output: Path, steps: Steps) -> None:
    order = options["number_order"]
    settings = OsmSettings(
        name=options["name"] or extract.name.partition(".")[0].replace("_", " ").title(),
        time_zone=options["time_zone"] or DEFAULT_ZONE,
        boundary=options["boundary"],
        areas=options["areas"],
        area_name=options["area_name"],
        number_first=None if order == "auto" else order == "first",
        place_names=options["place_names"],
    )
    build_osm_pack(extract, settings, output, progress=_progress(steps))


def _progress(steps: Steps) -> Progress:
    """A callback that opens a bar whenever the words change."""
    shown = ""

    def show(words: str, done: int, total: int) -> None:
        nonlocal shown
        if words != shown:
            shown = words
            steps.start(words, total or None)
        if total:
            steps.update(done, total)
        elif done:
            steps.say(f"{words}: {done:,}")

    return show


@city.command()
@click.argument("pack_name", metavar="PACK")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def info(pack_name: str, as_json: bool) -> None:
    """Say what a pack holds. PACK is a file, or the name of a shipped pack such as cambridge."""
    path = find_pack_file(pack_name)
    pack = CityPack.open(path)
    facts = describe_pack(pack)
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, indent=1))
    else:
        _print_facts(facts)


def describe_pack(pack: CityPack) -> dict[str, Any]:
    """Everything that `info` says, as plain values."""
    streets, addresses = pack.streets, pack.addresses
    per_area = Counter(addresses.areas)
    places = Counter(pack.layer("poi").kinds)
    length_m = sum(
        float(np.hypot(*np.diff(pack.to_utm(line.coords), axis=0).T).sum())
        for line in streets.lines
    )
    return {
        "file": str(pack.path),
        "bytes": pack.path.stat().st_size,
        **{key: value for key, value in asdict(pack.meta).items() if key != "aliases"},
        "aliases": len(pack.meta.aliases or {}),
        "bounds": [round(value, 6) for value in pack.boundary.bounds],
        "layers": pack.layer_counts(),
        "street_km": round(length_m / 1000, 1),
        "street_names": len(set(streets.names) - {""}),
        "address_precision": dict(sorted(Counter(addresses.precisions).items())),
        "areas": {name: per_area[name] for name in pack.areas.names},
        "places": dict(sorted(places.items())),
    }


def _print_facts(facts: dict[str, Any]) -> None:
    console = Console()
    table = Table(title=escape(facts["name"]), box=box.SIMPLE, show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    west, south, east, north = facts["bounds"]
    rows = {
        "File": f"{facts['file']} ({facts['bytes'] / 1e6:.1f} MB)",
        "Bounds": f"{west} to {east} lon, {south} to {north} lat",
        "Time zone": facts["time_zone"],
        "Metres in": f"EPSG:{facts['utm_epsg']}",
        "Streets": f"{facts['street_km']:,} km, {facts['street_names']:,} names",
        "Addresses": _counts(facts["address_precision"]),
        "Places": _counts(facts["places"]),
        "Licence": facts["licence"],
        "Attribution": facts["attribution"],
        "Source": f"{facts['source']} ({facts['source_date']})",
        "Source hash": facts["source_hash"],
        "Built with": facts["built_with"],
        "Notes": "\n".join(facts["notes"]),
    }
    for name, value in rows.items():
        table.add_row(name, escape(str(value)))
    console.print(table)
    _print_counts(console, "Layer", "Features", facts["layers"])
    _print_counts(console, "Area", "Addresses", facts["areas"])


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())


def _print_counts(console: Console, name: str, what: str, counts: dict[str, int]) -> None:
    if not counts:
        return
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column(name)
    table.add_column(what, justify="right")
    for label, count in list(counts.items())[:SHOWN_AREAS]:
        table.add_row(escape(label), f"{count:,}")
    if len(counts) > SHOWN_AREAS:
        table.add_row(f"and {len(counts) - SHOWN_AREAS} more", "")
    console.print(table)
