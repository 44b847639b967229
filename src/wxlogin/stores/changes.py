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
import sys
from pathlib import Path

SLOTS = 64
"""One a process that writes, and the last one for good: odd, once there are more of them."""
_COUNTS = SLOTS * 8
_SIZE = 2 * _COUNTS
"""Counters first, then the process ids they belong to."""
_ODD = sum(1 << (64 * slot) for slot in range(SLOTS))


class ChangeCounts:
    """The counters of one database file, as this process sees them."""

    def __init__(self, path: Path, *, like: Path | None = None) -> None:
        """Map the file, made where it is missing, for the same people as the file `like`.

        Raises OSError where that cannot be.
        """
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        try:
            if like is not None and hasattr(os, "fchmod"):
                _share(descriptor, os.stat(like))
            # The last byte belongs to no process id. Written, not grown by ftruncate: a hole on
            # a full disk would be no error here, and SIGBUS at the first change.
            os.lseek(descriptor, _SIZE - 1, os.SEEK_SET)
            os.write(descriptor, b"\0")
            self._memory = mmap.mmap(descriptor, _SIZE)
        finally:
            os.close(descriptor)
        # One aligned store a number. `struct.pack_into` zeroes the place first and then writes
        # byte by byte: another process would read a count that stood there long ago.
        self._numbers = memoryview(self._memory).cast("Q")
        self._slot: int | None = None

    def version(self) -> bytes | None:
        """All counters as they are now; None while a change is under way."""
        counts = self._memory[:_COUNTS]
        return None if int.from_bytes(counts, sys.byteorder) & _ODD else counts

    def begin(self) -> None:
        """A change is about to be committed. The caller holds the database's write lock."""
        if self._slot is None or self._owner(self._slot) != _here() | os.getpid():
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
            if self._count(slot) & 1 and slot != self._slot and not _is_alive(self._owner(slot)):
                self._write(slot, self._count(slot) + 1)

    def close(self) -> None:
        if self._slot is not None and self._owner(self._slot) == _here() | os.getpid():
            self._numbers[SLOTS + self._slot] = 0
        self._numbers.release()
        self._memory.close()

    def _claim(self) -> int | None:
        """A counter nobody alive has, None where all are taken."""
        for slot in range(SLOTS - 1):
            if not _is_alive(self._owner(slot)):
                self._numbers[SLOTS + slot] = _here() | os.getpid()
                return slot
        return None

    def _count(self, slot: int) -> int:
        return self._numbers[slot]

    def _owner(self, slot: int) -> int:
        return self._numbers[SLOTS + slot]

    def _write(self, slot: int, count: int) -> None:
        self._numbers[slot] = count


def _here() -> int:
    """What tells this process's ids from those of another container on the same volume: there
    the same number is another process, and nobody here can ask whether it lives."""
    try:
        return (os.stat("/proc/self/ns/pid").st_ino & 0x7FFFFFFF) << 32
    except OSError:
        return 0


def _share(descriptor: int, wanted: os.stat_result) -> None:
    """The mode and the owner of the database: whoever may write the one must reach the other."""
    found = os.fstat(descriptor)
    if found.st_uid == os.geteuid() and found.st_mode & 0o777 != wanted.st_mode & 0o777:
        os.fchmod(descriptor, wanted.st_mode & 0o777)
    if os.geteuid() == 0 and (found.st_uid, found.st_gid) != (wanted.st_uid, wanted.st_gid):
        os.fchown(descriptor, wanted.st_uid, wanted.st_gid)


def _is_alive(owner: int) -> bool:
    pid = owner & 0xFFFFFFFF
    if pid == 0:
        return False
    if os.name == "nt" or owner != _here() | pid:
        # Elsewhere nobody can be asked, and on Windows signal 0 would end the process: a counter
        # left odd stays so, which is the safe side.
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
