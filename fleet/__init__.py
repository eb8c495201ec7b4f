"""A supervised fleet of ship actors that plays SpaceTraders."""

__version__ = "0.1.0"

__all__ = ["__version__"]
