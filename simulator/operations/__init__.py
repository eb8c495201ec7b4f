"""The operations of the API: each handler checks, acts on the world, and shows the result."""
