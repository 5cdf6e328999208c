"""Reading of YAML without duplicate keys and aliases."""

from collections import Counter

import yaml


class UniqueKeyLoader(yaml.SafeLoader):
    """A safe loader that rejects duplicate keys, of which plain YAML keeps the last one silently, and aliases.

    Aliases could multiply a small file to any size.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = parent.start_mark if parent is not None else None
            raise yaml.composer.ComposerError(None, None, "aliases (*name) are not allowed", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if twice := [key for key, count in Counter(map(str, keys)).items() if count > 1]:
            raise yaml.constructor.ConstructorError(None, None, f"the key {twice[0]} occurs twice", node.start_mark)
        return super().construct_mapping(node, deep)
