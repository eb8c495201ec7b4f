"""The state of a world: plain structs, owned by one thread, wholly serialisable."""
