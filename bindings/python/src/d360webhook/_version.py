# SPDX-License-Identifier: Apache-2.0
"""The package's version; the library's must have the same major and minor number."""

__version__ = "0.2.0"
