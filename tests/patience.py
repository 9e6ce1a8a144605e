"""How long one transaction waits for another in tests, where much runs at the same time."""

from __future__ import annotations

from pkgutil import resolve_name

PATIENCE_S = 60
PATIENT = {
    "core.db.BUSY_TIMEOUT_MS": PATIENCE_S * 1_000,
    "core.db.LOCK_TIMEOUT_MS": PATIENCE_S * 1_000,
    "core.db.CONNECT_TIMEOUT_S": PATIENCE_S,
    "core.db.POOL_TIMEOUT_S": PATIENCE_S,
    "core.live_postgres.CONNECT_TIMEOUT_S": PATIENCE_S,
    "core.live_postgres.READY_TIMEOUT_S": PATIENCE_S,
    "core.live_postgres.PROBE_LIMIT_S": PATIENCE_S,
}


def be_patient() -> None:
    """For a process that a test begins, from here to its end."""
    for name, value in PATIENT.items():
        module, _, constant = name.rpartition(".")
        setattr(resolve_name(module), constant, value)
