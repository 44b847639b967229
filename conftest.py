"""`WXLOGIN_TEST_REQUIRE_ALL=1` turns every skip of every program's tests into a failure: where
all is installed, a test that does not run is a test that does not hold.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Iterator[None]:  # the report goes in and out of the yield
    report: Any = yield
    if (
        report.skipped
        and os.environ.get("WXLOGIN_TEST_REQUIRE_ALL")
        and not hasattr(report, "wasxfail")
    ):
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"WXLOGIN_TEST_REQUIRE_ALL is set, and this was skipped: {why}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """The same for a whole file that skips itself."""
    report: Any = yield
    if report.skipped and os.environ.get("WXLOGIN_TEST_REQUIRE_ALL"):
        report.outcome = "failed"
        report.longrepr = f"WXLOGIN_TEST_REQUIRE_ALL is set, and this was skipped: {collector}"
    return report
