"""A packed sequence is the list that it stands for, in a fraction of the memory."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.summaries import summaries
from wa_policy.manifest.subjects import Project, Summary
from wa_policy.packed import SIZE, Packed

if TYPE_CHECKING:
    from collections.abc import Sequence

LENGTHS = st.sampled_from([0, 1, 3, SIZE - 1, SIZE, SIZE + 1, 3 * SIZE + 2])


class TestPacked:
    @given(LENGTHS, st.data())
    def test_it_is_a_list(self, length: int, data: st.DataObject) -> None:
        items: list[object] = [(index, str(index)) for index in range(length)]
        packed = Packed(items)
        assert len(packed) == length
        assert list(packed) == items
        assert list(reversed(packed)) == items[::-1]
        places = st.none() | st.integers(-length - 2, length + 2)
        chosen = slice(data.draw(places), data.draw(places), data.draw(st.sampled_from([None, 1, 2, -1, SIZE])))
        assert packed[chosen] == items[chosen]
        if length:
            index = data.draw(st.integers(-length, length - 1))
            assert packed[index] == items[index]
        for outside in (length, -length - 1):
            with pytest.raises(IndexError):
                packed[outside]

    @given(LENGTHS, LENGTHS)
    def test_two_are_equal_that_hold_the_same(self, one: int, other: int) -> None:
        packed = Packed(range(one))
        assert (packed == Packed(range(other))) == (one == other)
        assert (packed == tuple(range(other))) == (one == other)
        assert packed != {"another": "kind"}

    def test_it_may_be_read_twice_at_once_and_while_it_grows(self) -> None:
        packed = Packed(range(3 * SIZE))
        pairs = [(first, second) for first, second in zip(packed, reversed(packed), strict=True)]  # both at once
        assert pairs == list(zip(range(3 * SIZE), reversed(range(3 * SIZE)), strict=True))
        packed.append(-1)
        assert packed[-1] == -1
        assert packed[0] == 0
        assert repr(Packed([1, "a"])) == "Packed([1, 'a'])"

    def test_records_keep_their_kind(self) -> None:
        packed = Packed(summaries(SIZE + 1))
        assert [type(packed[index]) for index in (0, SIZE)] == [Summary, Summary]
        assert packed[0].document.path == "manifests/brand-0-country-0.yaml"

    def test_it_takes_little_memory(self) -> None:
        def grown(kind: Any) -> int:
            tracemalloc.start()
            kept = kind(summary for _ in range(10) for summary in summaries(2 * SIZE))
            taken = tracemalloc.get_traced_memory()[0]
            tracemalloc.stop()
            return taken // len(kept)

        assert grown(Packed) < 60
        assert grown(list) > 500


class TestSharing:
    """``Project.sharing`` leaves out of very many manifests those that share nothing, and never one that does."""

    @staticmethod
    def keys(summary: Summary) -> Sequence[object]:
        return [summary.waba_id, *summary.numbers]

    def test_of_few_all_are_looked_at(self) -> None:
        project = Project(summaries(12))
        assert project.sharing(self.keys) == project.workspaces

    @given(st.lists(st.tuples(st.integers(0, 2998), st.integers(0, 2998)), max_size=5))
    def test_of_many_those_that_share(self, copies: list[tuple[int, int]]) -> None:
        every = MANY[:]
        for here, there in copies:
            every[there] = every[there]._replace(waba_id=every[here].waba_id)
        often = Counter(summary.waba_id for summary in every)
        expected = [summary for summary in every if often[summary.waba_id] > 1]
        assert Project(Packed(every)).sharing(self.keys) == expected

    def test_a_key_that_comes_twice_in_one(self) -> None:
        every = MANY[:]
        every[7] = every[7]._replace(numbers=("+1 555 0100", "+1 555 0100"))
        assert Project(every).sharing(self.keys) == [every[7]]


MANY = summaries(2999)
