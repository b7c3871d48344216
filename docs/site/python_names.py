"""The directives python-errors and python-types list every public error and every public type of the package, by themselves."""

import typing
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import d360webhook


def errors() -> list[type]:
    """In the order of their numbers; first the two that others are made of."""
    named = [getattr(d360webhook, name) for name in d360webhook.__all__]
    kinds = [kind for kind in named if isinstance(kind, type) and issubclass(kind, d360webhook.D360Error)]
    return sorted(kinds, key=lambda kind: (kind.code, kind.__name__))


def types() -> list[str]:
    return [name for name in d360webhook.__all__ if typing.is_typeddict(getattr(d360webhook, name))]


class Errors(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        lines: list[str] = []
        for kind in errors():
            lines += [f".. autoclass:: d360webhook.{kind.__name__}", "   :show-inheritance:", "   :no-index-entry:", ""]
        return list(self.parse_text_to_nodes("\n".join(lines)))


class Types(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        lines: list[str] = []
        for name in types():
            lines += [f".. autoclass:: d360webhook.{name}()", "   :members:", "   :undoc-members:", ""]
        return list(self.parse_text_to_nodes("\n".join(lines)))


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("python-errors", Errors)
    app.add_directive("python-types", Types)
    return {"parallel_read_safe": True}
