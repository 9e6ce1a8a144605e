from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import COMMANDS, talkoot

ROOT = Path(__file__).resolve().parents[3]
SLOW_TO_IMPORT = {"matplotlib", "msgspec", "numba", "numpy", "ortools", "rich", "sqlalchemy"}


def test_help_lists_every_command_and_loads_nothing_slow() -> None:
    """What keeps ``talkoot --help`` under 0.3 s: it imports click and little else."""
    script = (
        "import sys\nfrom api.cli import main\n"
        "try:\n    main(['--help'])\nfinally:\n    print('LOADED', *sorted(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    shown, _, loaded = done.stdout.partition("LOADED")
    assert "click" in loaded.split()
    assert {name.partition(".")[0] for name in loaded.split()} & SLOW_TO_IMPORT == set()
    for name, (_, _, sentence) in COMMANDS.items():
        assert f"  {name} " in shown
        assert sentence in shown


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help(name: str) -> None:
    done = CliRunner().invoke(talkoot, [name, "--help"])
    assert done.exit_code == 0, done.output
    assert f"Usage: talkoot {name}" in done.output


def test_unknown_command_is_one_clear_error() -> None:
    done = CliRunner().invoke(talkoot, ["sovle"])
    assert done.exit_code == 2
    assert "No such command 'sovle'" in done.output
    assert "Traceback" not in done.output
