# SPDX-License-Identifier: Apache-2.0
"""python -m d360webhook.cli: the same as d360-webhook."""

from d360webhook.cli import main

main()
