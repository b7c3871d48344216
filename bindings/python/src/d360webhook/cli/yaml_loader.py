# SPDX-License-Identifier: Apache-2.0
"""PyYAML's safe loader, which also rejects duplicate keys; the place of a member in the text."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import yaml
from yaml import YAMLError as YAMLError
from yaml.constructor import ConstructorError

from d360webhook.cli import messages

if TYPE_CHECKING:
    from yaml import SafeLoader as Loader
else:
    # libyaml's, where PyYAML was built with it: ten times as fast.
    Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_MERGE = "tag:yaml.org,2002:merge"
# Dates stay text: JSON has none, and no member of our documents is one.
_TIMESTAMP = "tag:yaml.org,2002:timestamp"


class UniqueKeyLoader(Loader):
    """Anchors, aliases and merges work as in YAML. A key that occurs twice in one mapping is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """The mapping, if its keys are unique."""
        seen = set()
        for key, _ in node.value:
            if key.tag != _MERGE and isinstance(key, yaml.ScalarNode):
                identity = (key.tag, key.value)
                if identity in seen:
                    raise ConstructorError(None, None, messages.key_twice(key.value), key.start_mark)
                seen.add(identity)
        made: dict[Any, Any] = super().construct_mapping(node, deep)
        return made


UniqueKeyLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
    for first, resolvers in Loader.yaml_implicit_resolvers.items()
}


def load_yaml(text: str) -> Any:
    """The only document in the text."""
    loader = UniqueKeyLoader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def place_of(text: str, segments: Sequence[str]) -> tuple[int | None, bool]:
    """The line of the member at a path, or of its nearest parent; and whether it is a number or the like for want of quotes."""
    # Tabs cannot be in a string of JSON, and YAML rejects them elsewhere.
    loader = UniqueKeyLoader(text.replace("\t", " "))
    try:
        node = loader.get_single_node()
    except (yaml.YAMLError, ValueError, RecursionError):
        return None, False
    finally:
        loader.dispose()
    line = None if node is None else node.start_mark.line
    for segment in segments:
        mark, found = _member(node, segment)
        if found is None:
            return (None if line is None else line + 1), False
        line, node = mark.line, found
    is_unquoted = isinstance(node, yaml.ScalarNode) and not node.tag.endswith(":str")
    return (None if line is None else line + 1), is_unquoted


def _member(node: Any, segment: str) -> tuple[Any, Any]:
    if isinstance(node, yaml.SequenceNode) and segment.isdecimal() and int(segment) < len(node.value):
        found = node.value[int(segment)]
        return found.start_mark, found
    if not isinstance(node, yaml.MappingNode):
        return None, None
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode) and key.value == segment and key.tag != _MERGE:
            return key.start_mark, value
    for key, value in node.value:
        for merged in (value.value if isinstance(value, yaml.SequenceNode) else [value]) if key.tag == _MERGE else ():
            mark, found = _member(merged, segment)
            if found is not None:
                return mark, found
    return None, None


def dump_yaml(value: Any) -> str:
    """YAML that is read as the same value."""
    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=4096, default_flow_style=False)
    return text
