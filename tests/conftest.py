"""How much the property tests try: a little by default, much more under `make test-long`.

Both runs are deterministic: examples follow from the tests' own code, never from a clock or a
store of past failures. Under `-m long` every property counts as a long test, with many examples.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

_SHARED = {
    "derandomize": True,
    "database": None,
    "deadline": None,
    "print_blob": False,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.filter_too_much],
}

settings.register_profile("default", max_examples=50, **_SHARED)
settings.register_profile("long", max_examples=3_000, **_SHARED)


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("long" if _long(config) else "default")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if _long(config):
        for item in items:
            if hasattr(getattr(item, "obj", None), "hypothesis"):
                item.add_marker(pytest.mark.long)


def _long(config: pytest.Config) -> bool:
    return config.getoption("markexpr") == "long"
