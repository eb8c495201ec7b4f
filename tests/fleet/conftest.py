"""Settings of the tests of the face."""

from hypothesis import settings

# A shared machine may take its time; what is wrong here is never a matter of milliseconds.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
