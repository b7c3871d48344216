"""The directives python-errors and python-types list every public error and every public type of the package, by themselves."""

import inspect
import re
import typing
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import d360webhook
from d360webhook import _operations


def errors() -> list[type]:
    """In the order of their numbers; first the two that others are made of."""
    named = [getattr(d360webhook, name) for name in d360webhook.__all__]
    kinds = [kind for kind in named if isinstance(kind, type) and issubclass(kind, d360webhook.D360Error)]
    return sorted(kinds, key=lambda kind: (kind.code, kind.__name__))


def types() -> list[str]:
    """The rest: neither errors nor what the page names by itself."""
    named = {kind.__name__ for kind in errors()} | {"Client", "Channel", "AsyncClient", "AsyncChannel"}
    return [name for name in d360webhook.__all__ if name not in named and not inspect.isfunction(getattr(d360webhook, name))]


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
            value = getattr(d360webhook, name)
            if typing.is_typeddict(value):
                lines += [f".. autoclass:: d360webhook.{name}()", "   :members:", "   :undoc-members:", ""]
            else:
                lines += [f".. py:type:: {name}", f"   :canonical: {_short(str(value))}", ""]
        return list(self.parse_text_to_nodes("\n".join(lines)))


def _signature(
    app: Sphinx, what: str, name: str, thing: object, options: object, signature: str | None, returned: str | None
) -> tuple[str | None, str | None]:
    """Methods are made of the operations: the answer's type is that of the operation's request."""
    operation = getattr(_operations, name.rpartition(".")[2], None)
    if what != "method" or operation is None or signature is None:
        return signature, returned
    answer = str(getattr(operation, "__annotations__", {}).get("return", ""))
    found = re.search(r"Request\[(.*)\]$", answer)
    shown = signature.replace("~typing.~P", "Unpack[FleetOptions]")
    return _short(shown), _short(found[1]) if found else returned


def _short(annotation: str) -> str:
    """Without the names of modules."""
    return re.sub(r"~?(?:[a-z_]\w*\.)+(?=[A-Z])", "", annotation).replace("~", "")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("autodoc-process-signature", _signature)
    app.add_directive("python-errors", Errors)
    app.add_directive("python-types", Types)
    return {"parallel_read_safe": True}
