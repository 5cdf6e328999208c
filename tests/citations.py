"""The ids of evidence that a decision document cites."""


def citations(node):
    """Yield the ids in every list `evidence` of a JSON value."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from value if key == "evidence" else citations(value)
    elif isinstance(node, list):
        for item in node:
            yield from citations(item)
