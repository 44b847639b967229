"""Counters in shared memory that say whether any session changed: one a writing process.

A small file beside the database, mapped by every process that has it open. Before a
COMMIT that changes a session somebody may have read, the writer makes its counter odd;
after it, even, and only then is anybody answered. So whoever finds all counters as they
were, and even, knows that what it read before is still so, without a read: the check of a
session costs a comparison instead of a descent through two tables.

A writer that is killed in between leaves its counter odd, which makes everybody read
again and again, the safe side, until the next writer finds that nobody is behind it.
"""

import mmap
import os
import struct
from pathlib import Path

SLOTS = 64
"""One a process that writes, and the last one for good: odd, once there are more of them."""
_COUNT = struct.Struct("<Q")
_COUNTS = SLOTS * _COUNT.size
_SIZE = 2 * _COUNTS
"""Counters first, then the process ids they belong to."""
_ODD = sum(1 << (64 * slot) for slot in range(SLOTS))


class ChangeCounts:
    """The counters of one database file, as this process sees them."""

    def __init__(self, path: Path) -> None:
        """Map the file, made where it is missing. Raises OSError where that cannot be."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        try:
            if os.fstat(descriptor).st_size < _SIZE:
                os.ftruncate(descriptor, _SIZE)  # grows with zeros, whoever else does it too
            self._memory = mmap.mmap(descriptor, _SIZE)
        finally:
            os.close(descriptor)
        self._slot: int | None = None

    def version(self) -> bytes | None:
        """All counters as they are now; None while a change is under way."""
        counts = self._memory[:_COUNTS]
        return None if int.from_bytes(counts, "little") & _ODD else counts

    def begin(self) -> None:
        """A change is about to be committed. The caller holds the database's write lock."""
        if self._slot is None or self._pid(self._slot) != os.getpid():
            self._slot = self._claim()
        slot = SLOTS - 1 if self._slot is None else self._slot
        self._write(slot, self._count(slot) | 1)

    def end(self) -> None:
        """The change is committed, or certainly will not be."""
        if self._slot is not None:
            self._write(self._slot, (self._count(self._slot) | 1) + 1)

    def heal(self) -> None:
        """Make even what killed writers left odd. The caller holds the database's write lock,
        so a process that is gone has nothing under way any more."""
        if self.version() is not None:
            return
        for slot in range(SLOTS - 1):
            if self._count(slot) & 1 and slot != self._slot and not _is_alive(self._pid(slot)):
                self._write(slot, self._count(slot) + 1)

    def close(self) -> None:
        if self._slot is not None and self._pid(self._slot) == os.getpid():
            _COUNT.pack_into(self._memory, _COUNTS + self._slot * _COUNT.size, 0)
        self._memory.close()

    def _claim(self) -> int | None:
        """A counter nobody alive has, None where all are taken."""
        for slot in range(SLOTS - 1):
            if not _is_alive(self._pid(slot)):
                _COUNT.pack_into(self._memory, _COUNTS + slot * _COUNT.size, os.getpid())
                return slot
        return None

    def _count(self, slot: int) -> int:
        count: int = _COUNT.unpack_from(self._memory, slot * _COUNT.size)[0]
        return count

    def _pid(self, slot: int) -> int:
        pid: int = _COUNT.unpack_from(self._memory, _COUNTS + slot * _COUNT.size)[0]
        return pid

    def _write(self, slot: int, count: int) -> None:
        _COUNT.pack_into(self._memory, slot * _COUNT.size, count)


def _is_alive(pid: int) -> bool:
    if pid == 0:
        return False
    if os.name == "nt":
        return True  # signal 0 would end it there; a counter left odd stays so, which is safe
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
