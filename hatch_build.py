"""Prepare the grammar's parse table while the package is built, for a quick start."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PrepareTable(BuildHookInterface):
    """Write the table beside the grammar, in a wheel and in an editable checkout alike."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        sys.path.insert(0, str(Path(self.root, "engine")))
        from bareme.language import table

        new = table.PREPARED.with_suffix(".new")
        new.write_bytes(table.prepare(table.GRAMMAR))
        new.replace(table.PREPARED)  # never half a table, whoever installs at the same time
        build_data["artifacts"].append(table.PREPARED.relative_to(self.root).as_posix())
