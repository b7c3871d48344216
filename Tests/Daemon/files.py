"""Damages a database's files."""

from pathlib import Path


def spoil(database: Path) -> None:
    """Writes nonsense over a database and what belongs to it. None gets shorter: who has it mapped would be ended by a signal."""
    for path in database.parent.glob(f"{database.name}*"):
        with path.open("r+b") as file:
            file.write(b"nonsense" * (path.stat().st_size // 8 + 1))
