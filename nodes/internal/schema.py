"""The schema of the nodes that an expanded graph is made of."""

from __future__ import annotations

import re
from typing import Any

from comfy_api.latest import io


def internal(node_id: str, description: str, inputs: list[Any], outputs: list[Any], **more: Any) -> io.Schema:
    """Named by its id: "CIELR_PutBack" is Put Back. Experimental, in a category that is not for hand-built graphs."""
    return io.Schema(
        node_id=node_id,
        display_name=" ".join(re.findall("[A-Z][a-z]+", node_id.removeprefix("CIELR_"))),
        category="CIELR/internal",
        description=description,
        inputs=inputs,
        outputs=outputs,
        is_experimental=True,
        **more,
    )


def expanding(node_id: str, description: str, inputs: list[Any], outputs: list[Any]) -> io.Schema:
    """As `internal`, of a node that expands and looks at its own links for that."""
    return internal(
        node_id, description, inputs, outputs, hidden=[io.Hidden.unique_id, io.Hidden.dynprompt], enable_expand=True
    )
