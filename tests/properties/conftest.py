"""Settings of the property tests."""

from __future__ import annotations

from hypothesis import settings

# Times differ too much between machines (and kernels compile once) for a deadline per example.
settings.register_profile("sparewatt", deadline=None)
settings.load_profile("sparewatt")
