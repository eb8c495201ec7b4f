"""Lists all operations, as the endpoint table has them."""

from __future__ import annotations

from typing import Any

from fleet.api.keys import Key, keys_of
from fleet.protocol.endpoints import ENDPOINTS


def listing() -> list[dict[str, Any]]:
    """List every operation for a program."""
    return [
        {
            "operation": row.operation,
            "method": row.method,
            "path": row.path,
            "verb": row.verb,
            "resource": row.resource,
            "token": row.auth.value,
            "paged": row.paged,
            "takes": [
                {"name": key.name, "in": key.place, "needed": key.needed, "kind": key.kind}
                for key in keys_of(row)
            ],
        }
        for row in ENDPOINTS
    ]


def listing_text() -> str:
    """List every operation for people."""
    lines = []
    for row in sorted(ENDPOINTS, key=lambda row: (row.resource, row.verb, len(row.params))):
        takes = " ".join(_shown(key) for key in keys_of(row))
        lines.append(f"{row.operation:<30}{row.act:<28}{takes}".rstrip())
    head = f"{'OPERATION':<30}{'VERB RESOURCE':<28}TAKES"
    return "\n".join((head, *lines))


def _shown(key: Key) -> str:
    return key.name if key.needed else f"[{key.name}]"
