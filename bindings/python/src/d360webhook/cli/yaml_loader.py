# SPDX-License-Identifier: Apache-2.0
"""PyYAML's safe loader, which also refuses duplicate keys."""

from typing import TYPE_CHECKING, Any

import yaml
from yaml import YAMLError as YAMLError
from yaml.constructor import ConstructorError

if TYPE_CHECKING:
    from yaml import SafeLoader as Loader
else:
    # libyaml's, where PyYAML was built with it: ten times as fast.
    Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_MERGE = "tag:yaml.org,2002:merge"
# Dates stay the text they are: JSON has none, and nothing in a document of ours is one.
_TIMESTAMP = "tag:yaml.org,2002:timestamp"


class UniqueKeyLoader(Loader):
    """Anchors, aliases and merges are YAML's own; a key that stands twice in one mapping is a mistake."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """The mapping, once its keys are unique."""
        seen = set()
        for key, _ in node.value:
            if key.tag != _MERGE and isinstance(key, yaml.ScalarNode):
                identity = (key.tag, key.value)
                if identity in seen:
                    raise ConstructorError(None, None, f"the key {key.value!r} stands twice in one mapping", key.start_mark)
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


def dump_yaml(value: Any) -> str:
    """YAML that reads back as the same value."""
    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=4096, default_flow_style=False)
    return text
