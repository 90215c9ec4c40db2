"""What all tests share: how hypothesis draws."""

from hypothesis import HealthCheck, settings

# Kernels compile on first use, and two cores may be busy with something else.
settings.register_profile(
    "house", deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")
