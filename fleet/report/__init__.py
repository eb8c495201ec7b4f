"""Reports of what a fleet did: tables for people, CSV for spreadsheets, charts for pages."""
