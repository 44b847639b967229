"""Codes of wx.login are claimed once; the number of a claim says which came first."""

import asyncio

from wxlogin.login.ports import Store
from wxlogin.testing.stores.samples import MINUTE, NOW, new_hash
from wxlogin.testing.stores.suite import Suite


class Claims(Suite):
    async def test_the_first_claim_of_a_code_gets_a_number_and_every_other_none(
        self, store: Store
    ) -> None:
        code = new_hash()
        assert await store.claim_code(code, now=NOW, until=NOW + MINUTE) is not None
        assert await store.claim_code(code, now=NOW, until=NOW + MINUTE) is None

    async def test_numbers_of_claims_are_positive_and_rise(self, store: Store) -> None:
        numbers = [
            await store.claim_code(new_hash(), now=NOW, until=NOW + MINUTE) or 0 for _ in range(5)
        ]
        assert numbers[0] > 0
        assert numbers == sorted(set(numbers))

    async def test_a_claim_outlives_housekeeping_until_its_time(self, store: Store) -> None:
        code = new_hash()
        await store.claim_code(code, now=NOW, until=NOW + MINUTE)
        await store.prune(now=NOW + MINUTE, limit=100)
        assert await store.claim_code(code, now=NOW + MINUTE, until=NOW + 2 * MINUTE) is None

    async def test_a_released_code_can_be_claimed_under_a_higher_number(self, store: Store) -> None:
        code = new_hash()
        first = await store.claim_code(code, now=NOW, until=NOW + MINUTE)
        await store.release_code(code)
        second = await store.claim_code(code, now=NOW, until=NOW + MINUTE)
        assert first is not None
        assert second is not None
        assert second > first

    async def test_numbers_rise_over_pruned_claims(self, store: Store) -> None:
        first = await store.claim_code(new_hash(), now=NOW, until=NOW)
        assert await store.prune(now=NOW + MINUTE, limit=100) == 1
        second = await store.claim_code(new_hash(), now=NOW, until=NOW)
        assert (second or 0) > (first or 0)

    async def test_a_hundred_claims_of_one_code_at_once_give_one_number(self, store: Store) -> None:
        code = new_hash()
        numbers = await asyncio.gather(
            *(store.claim_code(code, now=NOW, until=NOW + MINUTE) for _ in range(100))
        )
        assert len([number for number in numbers if number is not None]) == 1

    async def test_claims_at_once_of_different_codes_give_different_numbers(
        self, store: Store
    ) -> None:
        numbers = await asyncio.gather(
            *(store.claim_code(new_hash(), now=NOW, until=NOW + MINUTE) for _ in range(100))
        )
        assert len(set(numbers)) == 100

    async def test_a_claim_is_seen_until_it_is_taken_back(self, store: Store) -> None:
        code = new_hash()
        assert not await store.is_code_claimed(code)
        await store.claim_code(code, now=NOW, until=NOW + MINUTE)
        assert await store.is_code_claimed(code)
        assert not await store.is_code_claimed(new_hash())
        await store.release_code(code)
        assert not await store.is_code_claimed(code)
