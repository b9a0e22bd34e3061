"""What replaces typing.NamedTuple does what that does."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any
from typing import NamedTuple as Original

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wa_policy
from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Ours(NamedTuple):
    """A place."""

    line: int
    column: int = 1
    label: str = ""

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.column + len(self.label)

    def moved(self, lines: int) -> Ours:
        """One further down."""
        return self._replace(line=self.line + lines)


class Theirs(Original):
    """A place."""

    line: int
    column: int = 1
    label: str = ""

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.column + len(self.label)

    def moved(self, lines: int) -> Theirs:
        """One further down."""
        return self._replace(line=self.line + lines)


class Single(NamedTuple):
    """One field."""

    name: str


class Below(Ours):
    """One that inherits."""

    __slots__ = ()


values = st.integers() | st.text() | st.none()


@given(
    given_=st.lists(values, max_size=4),
    named=st.dictionaries(st.sampled_from(["line", "column", "label", "row"]), values),
)
def test_both_take_and_refuse_the_same(given_: list[Any], named: dict[str, Any]) -> None:
    def outcome(make: Callable[..., Any]) -> object:
        try:
            return tuple(make(*given_, **named))
        except TypeError as error:
            return str(error).replace("Theirs", "Ours")

    class First(NamedTuple):
        line: int
        column: int = 1
        label: str = ""

    assert outcome(Ours) == outcome(Theirs)
    first = outcome(First)  # the first one is made in another way than those that follow
    assert str(first).replace(First.__qualname__, "Ours") == str(outcome(Theirs))
    assert outcome(First) == first


@given(line=st.integers(), column=st.integers(), label=st.text())
def test_both_say_the_same(line: int, column: int, label: str) -> None:
    ours, theirs = Ours(line, column, label), Theirs(line, column=column, label=label)
    assert tuple(ours) == tuple(theirs) == ours == (line, column, label)
    assert hash(ours) == hash(theirs)
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert (ours.line, ours.column, ours.label, ours.end) == (line, column, label, theirs.end)
    assert ours._asdict() == theirs._asdict()
    assert tuple(ours.moved(2)) == tuple(theirs.moved(2))
    assert Ours._make(ours) == ours
    assert type(ours.moved(2)) is Ours
    for copied in (
        copy.copy(ours),
        copy.deepcopy(ours),
        *_pickled(ours),
    ):
        assert (type(copied), copied) == (Ours, ours)


def _pickled(value: Ours) -> list[Any]:
    return [pickle.loads(pickle.dumps(value, protocol)) for protocol in range(6)]  # noqa: S301  # it was made right here


def test_what_is_known_of_the_class() -> None:
    assert Ours._fields == Theirs._fields == Ours.__match_args__
    assert Ours._field_defaults == Theirs._field_defaults
    assert (Ours.__doc__, Ours.__module__, Ours.__qualname__) == ("A place.", __name__, "Ours")
    assert not hasattr(Ours(1), "__dict__")
    assert Single("x") == ("x",)
    assert repr(Single(name="x")) == "Single(name='x')"


def test_a_class_below_makes_its_own() -> None:
    assert (type(Below(1)), Below(2).moved(1)) == (Below, (3, 1, ""))


def test_a_place_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match=r"unexpected field names: \['row'\]"):
        Ours(1)._replace(row=2)  # type: ignore[call-arg]  # that is what is tried
    with pytest.raises(TypeError, match="Expected 3 arguments, got 1"):
        Ours._make([1])
    with pytest.raises(AttributeError):
        Ours(1).line = 2  # type: ignore[misc]  # that is what is tried


def test_a_class_that_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="without a default behind one that has one"):

        class Wrong(NamedTuple):  # what mypy says of typing's as well
            first: int = 1
            second: int  # type: ignore[misc]  # that is what is tried

    with pytest.raises(TypeError, match="inherits from more than NamedTuple"):

        class More(NamedTuple, dict):  # type: ignore[misc,type-arg]  # that is what is tried
            first: int


def test_a_pattern_takes_it_apart() -> None:
    match Ours(1, 2):
        case Ours(line, column, _):
            assert (line, column) == (1, 2)


def test_a_record_without_fields_is_refused() -> None:
    with pytest.raises(
        TypeError, match=r"^Empty has no fields, or its module lacks: from __future__ import annotations$"
    ):
        exec("class Empty(NamedTuple):\n    def size(self): return 0\n", {"NamedTuple": NamedTuple, "__name__": "acme"})  # noqa: S102  # as a class statement


def test_every_module_with_records_says_what_python_3_14_needs() -> None:
    rooms = [Path(wa_policy.__file__).parent, Path(__file__).parents[1] / "plugins"]
    modules = {path: path.read_text("utf-8") for room in rooms for path in room.rglob("*.py")}
    with_records = {path: text for path, text in modules.items() if "records import NamedTuple" in text}
    assert with_records
    assert [path for path, text in with_records.items() if "\nfrom __future__ import annotations\n" not in text] == []
