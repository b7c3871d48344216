# SPDX-License-Identifier: Apache-2.0
"""Says which machines the wheel is for, and that it has a list of what is inside."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Hook(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build_data |= {"pure_python": False, "tag": f"py3-none-{self.config['platform']}", "sbom_files": ["bom.cdx.json"]}
