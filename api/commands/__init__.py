"""One module per family of commands; `api.cli` loads them only when they are called."""
