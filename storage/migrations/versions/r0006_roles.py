"""Roles on PostgreSQL: who writes, who looks at the dashboard's data, who draws for Grafana.

Roles belong to the whole server and making them takes a right that the fleet need not have:
without it the tables are made all the same, and a notice in the server's log tells so.
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"

MAKE = """
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['fleet_writer', 'fleet_dashboard', 'fleet_grafana'] LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
                EXECUTE 'CREATE ROLE ' || quote_ident(role_name) || ' NOLOGIN';
            END IF;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
            WHEN insufficient_privilege THEN RAISE NOTICE 'no right to make role %%', role_name;
        END;
    END LOOP;
END $$
"""
GRANT = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'fleet_writer') THEN
        GRANT USAGE ON SCHEMA public TO fleet_writer;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO fleet_writer;
        GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO fleet_writer;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public
            GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO fleet_writer;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO fleet_writer;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'fleet_dashboard') THEN
        GRANT USAGE ON SCHEMA public TO fleet_dashboard;
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO fleet_dashboard;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO fleet_dashboard;
        CREATE SCHEMA IF NOT EXISTS faces;
        GRANT USAGE, CREATE ON SCHEMA faces TO fleet_dashboard;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'fleet_grafana') THEN
        GRANT USAGE ON SCHEMA public TO fleet_grafana;
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO fleet_grafana;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO fleet_grafana;
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN RAISE NOTICE 'no right to grant: %%', SQLERRM;
END $$
"""
MONITOR = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'fleet_grafana')
        AND NOT pg_has_role('fleet_grafana', 'pg_monitor', 'MEMBER') THEN
        GRANT pg_monitor TO fleet_grafana;
    END IF;
EXCEPTION
    -- Two databases may be made at once: the other one grants it.
    WHEN insufficient_privilege OR internal_error OR unique_violation THEN
        RAISE NOTICE 'pg_monitor is not granted: %%', SQLERRM;
END $$
"""


def upgrade() -> None:
    """Make the roles and tell them what they may do; nothing on SQLite."""
    if op.get_bind().dialect.name == "postgresql":
        for statement in (MAKE, GRANT, MONITOR):
            op.get_bind().exec_driver_sql(statement)
