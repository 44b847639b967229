"""The promises of `login/ports/` as tests: a store is one if it passes them all.

    class TestMyStore(StoreConformance):
        def make_store(self, tmp_path):
            return MyStore(tmp_path / "my.db")

Each test is one promise. Those of the second class set callers against each other;
each of them is known to fail on a store that reads, decides, and then writes.
It needs pytest, anyio's plugin and Hypothesis, and no clock but the one it hands in.
"""

from wxlogin.testing.stores.accounts import Accounts
from wxlogin.testing.stores.applications import ApplicationsKept
from wxlogin.testing.stores.apps import Apps
from wxlogin.testing.stores.audit import AuditLines
from wxlogin.testing.stores.avatars import Avatars
from wxlogin.testing.stores.claims import Claims
from wxlogin.testing.stores.events import Events
from wxlogin.testing.stores.identities import Identities
from wxlogin.testing.stores.imports import Imports
from wxlogin.testing.stores.leaving import Leaving
from wxlogin.testing.stores.limits import Limits
from wxlogin.testing.stores.merging import Merging
from wxlogin.testing.stores.operators import Operators
from wxlogin.testing.stores.overview import Overview
from wxlogin.testing.stores.passwords import Passwords
from wxlogin.testing.stores.phones import Phones
from wxlogin.testing.stores.pushes import Pushes
from wxlogin.testing.stores.quotas import Quotas
from wxlogin.testing.stores.recognition import Recognition
from wxlogin.testing.stores.registration import Registrations
from wxlogin.testing.stores.service_keys import ServiceKeys
from wxlogin.testing.stores.session_keys import SessionKeys
from wxlogin.testing.stores.sessions import Sessions
from wxlogin.testing.stores.telling import Telling
from wxlogin.testing.stores.tickets import Tickets
from wxlogin.testing.stores.verification_codes import VerificationCodes
from wxlogin.testing.stores.whole import Whole

__all__ = ["StoreConformance"]


class StoreConformance(
    Claims,
    Recognition,
    Registrations,
    ApplicationsKept,
    Phones,
    Passwords,
    Identities,
    Tickets,
    VerificationCodes,
    SessionKeys,
    Sessions,
    Accounts,
    Avatars,
    Telling,
    AuditLines,
    Imports,
    Events,
    Apps,
    ServiceKeys,
    Limits,
    Quotas,
    Leaving,
    Merging,
    Pushes,
    Operators,
    Overview,
    Whole,
):
    """What every caller relies on, and what holds when callers meet."""
