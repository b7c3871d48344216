# SPDX-License-Identifier: Apache-2.0
"""Which C libraries are inside the shared library of this package; the build of the wheel writes them here."""

from collections.abc import Mapping
from typing import Final

bundled_versions: Final[Mapping[str, str]] = {}
