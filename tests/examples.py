"""How much hypothesis tries: as much as there is time for in `make test`, and ten times that in `make test-hard`.

CI tries the same each time, so that a change is held up by what it did itself; everywhere else each run is a new one.
"""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("quick", deadline=None, derandomize="CI" in os.environ)
settings.register_profile("hard", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

FEW = settings(
    max_examples=settings.default.max_examples // 8,
    stateful_step_count=30,
    suppress_health_check=list(HealthCheck),
)
"""Where each example is a whole town, or a long story, in the database."""
FEWER = settings(FEW, max_examples=FEW.max_examples * 2 // 3)
"""Where each takes a second or more."""
