"""Bringing people along from another system: batch by batch, each row at most once.

A run that was killed is run again from the start: who is here already is left alone, so
nobody comes twice. What collides with somebody else, or with another row, is reported and
never merged: only the person can prove that two are one (security.md A13, A14).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from wxlogin.login.core import Core
from wxlogin.login.import_rows import Remark, RowRules, Why
from wxlogin.login.ports import Actor, ActorKind, AuditLine, Newcomer

BATCH = 1000
"""Rows a transaction: a tenth of a second of the database's writer, which logins wait for."""

OPERATOR = Actor(ActorKind.OPERATOR)

Row = tuple[int, Mapping[str, str] | None]
"""A line's number and its cells by column; None where it has not the width of the head."""


@dataclass(slots=True)
class Tally:
    """How many rows there were, and what became of them."""

    rows: int = 0
    new: int = 0
    here: int = 0
    refused: int = 0

    def counts(self) -> dict[str, int]:
        return {"rows": self.rows, "new": self.new, "here": self.here, "refused": self.refused}


@dataclass(slots=True)
class _Seen:
    """What earlier rows of this run have said, by a short hash: a million rows fit."""

    salt: bytes = field(repr=False)
    lines: dict[int, int] = field(default_factory=dict)

    def earlier(self, line: int, person: Newcomer) -> list[Remark]:
        """A remark for everything an earlier row has said of itself; else it is noted."""
        hashes = {column: self._hash(*parts) for column, parts in _leading(person)}
        found = [
            Remark(line, column, Why.DUPLICATE, self.lines[each])
            for column, each in hashes.items()
            if each in self.lines
        ]
        for each in hashes.values():
            self.lines.setdefault(each, line)
        return found

    def _hash(self, *parts: str) -> int:
        text = "".join(f"{len(part)}:{part}" for part in parts).encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=8, key=self.salt).digest(), "big")


class Importing:
    """One run. `report` is given each remark as it is found, `progress` the rows done."""

    def __init__(
        self,
        core: Core,
        rules: RowRules,
        *,
        report: Callable[[Remark], None],
        progress: Callable[[int], None] = lambda _: None,
        is_trial: bool = False,
    ) -> None:
        self._core = core
        self._rules = rules
        self._report = report
        self._progress = progress
        self._is_trial = is_trial
        self._seen = _Seen(core.random(16))
        self._tally = Tally()

    async def run(self, rows: Iterable[Row]) -> Tally:
        """Bring all of them along; a trial writes nothing, and says the same.

        Two audit lines: one before the first account is made, so that a run that dies has
        left its mark, and one with the counts.
        """
        await self._tell("accounts_import_begun", {})
        for batch in _batches(self._newcomers(rows)):
            await self._keep(batch)
            self._progress(self._tally.rows)
        await self._tell("accounts_imported", self._tally.counts())
        return self._tally

    def _newcomers(self, rows: Iterable[Row]) -> Iterator[tuple[int, Newcomer]]:
        for line, row in rows:
            self._tally.rows += 1
            found = self._read(line, row)
            if isinstance(found, Newcomer):
                yield line, found
            else:
                self._refuse(found)

    def _read(self, line: int, row: Mapping[str, str] | None) -> Newcomer | list[Remark]:
        if row is None:
            return [Remark(line, "", Why.WRONG_WIDTH)]
        core = self._core
        found = self._rules.read(
            line, row, account_id=core.new_id(), pseudonym=core.random(16).hex()
        )
        if isinstance(found, Newcomer):
            return self._seen.earlier(line, found) or found
        return found

    async def _keep(self, batch: list[tuple[int, Newcomer]]) -> None:
        people = [person for _, person in batch]
        arrivals = await self._core.store.import_people(
            people, at=self._rules.now, is_trial=self._is_trial
        )
        for (line, _), arrival in zip(batch, arrivals, strict=True):
            if arrival.is_new:
                self._tally.new += 1
            elif not arrival.taken:
                self._tally.here += 1
            else:
                self._refuse([Remark(line, column, Why.TAKEN) for column in arrival.taken])

    def _refuse(self, remarks: list[Remark]) -> None:
        self._tally.refused += 1
        for remark in remarks:
            self._report(remark)

    async def _tell(self, kind: str, counts: Mapping[str, int]) -> None:
        if not self._is_trial:
            line = AuditLine(self._core.now(), kind, OPERATOR, data=dict(counts))
            await self._core.store.add_audit(line)


def _leading(person: Newcomer) -> Iterator[tuple[str, tuple[str, ...]]]:
    if person.user_id is not None:
        yield "user_id", ("user_id", person.user_id)
    if person.openid is not None:
        yield "openid", ("openid", person.app_id or "", person.openid)
    if person.unionid is not None:
        yield "unionid", ("unionid", person.pool, person.unionid)
    if person.phone is not None:
        yield "phone", ("phone", person.pool, person.phone.e164)
    if person.username_key is not None:
        yield "username", ("username", person.pool, person.username_key)


def _batches(
    people: Iterator[tuple[int, Newcomer]],
) -> Iterator[list[tuple[int, Newcomer]]]:
    batch: list[tuple[int, Newcomer]] = []
    for each in people:
        batch.append(each)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
