"""Views: other looks at what the tables hold, the same on both databases."""

from __future__ import annotations

from collections.abc import Mapping

VIEWS: Mapping[str, Mapping[str, str]] = {
    "waypoint_traits": {
        "sqlite": (
            "CREATE VIEW waypoint_traits AS SELECT waypoints.namespace_id, "
            "waypoints.symbol AS waypoint, waypoints.system, trait.value AS trait "
            "FROM waypoints, json_each(waypoints.traits) AS trait"
        ),
        "postgresql": (
            "CREATE VIEW waypoint_traits AS SELECT waypoints.namespace_id, "
            "waypoints.symbol AS waypoint, waypoints.system, trait.value AS trait "
            "FROM waypoints, jsonb_array_elements_text(waypoints.traits) AS trait"
        ),
    },
}
"""By name and database, what makes each view; a migration holds its own copy."""
