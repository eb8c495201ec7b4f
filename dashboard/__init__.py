"""Web pages that show a fleet; this room is empty until the dashboard lands."""
