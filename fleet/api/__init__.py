"""Single operations of the API for people and scripts: `fleet api`."""
