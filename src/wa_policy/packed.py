"""A sequence of very many records that takes little memory: a run over fifty thousand manifests keeps some for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")

SIZE = 512
"""How many are packed together. What never grows so long is a list, and costs what a list costs."""


class Packed(Sequence[T]):
    """A sequence that grows at its end. All but the newest items are pickled and compressed, and made anew as they are asked for.

    It is meant to be read from the front to the end. Items must be what pickle takes, and equal ones as good as the same.
    """

    __slots__ = ("_at", "_newest", "_opened", "_packed")
    __hash__ = None  # type: ignore[assignment]  # what grows has none

    def __init__(self, items: Iterable[T] = ()) -> None:
        self._packed: list[bytes] = []
        self._newest: list[T] = []
        self._at = -1
        self._opened: list[T] = []
        """The items of the packet that was opened last, and which one that is."""
        self.extend(items)

    def append(self, item: T) -> None:
        """Add an item at the end."""
        self._newest.append(item)
        if len(self._newest) == SIZE:
            self._packed.append(_pack(self._newest))
            self._newest = []

    def extend(self, items: Iterable[T]) -> None:
        """Add items at the end."""
        for item in items:
            self.append(item)

    def __len__(self) -> int:
        return len(self._packed) * SIZE + len(self._newest)

    def __iter__(self) -> Iterator[T]:
        for number in range(len(self._packed)):
            yield from self._open(number)
        yield from self._newest

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        places = range(len(self))[index]
        if isinstance(places, range):
            return [self[place] for place in places]
        number, place = divmod(places, SIZE)
        return self._newest[place] if number == len(self._packed) else self._open(number)[place]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Packed, list, tuple)):
            return NotImplemented
        return len(self) == len(other) and all(one == another for one, another in zip(self, other, strict=True))

    def __repr__(self) -> str:
        return f"Packed({list(self)!r})"

    def _open(self, number: int) -> list[T]:
        if self._at != number:
            self._opened, self._at = _unpack(self._packed[number]), number
        return self._opened


_PARTS = 32


def in_parts(hashes: Sequence[int]) -> Iterator[Iterator[tuple[int, int]]]:
    """Whole numbers with their places, a part of them at a time: equal ones are in one part, and all parts have as many.

    What is compared part by part needs no set of all, which would be larger than all that it is made of.
    """
    return (_part(hashes, part) for part in range(_PARTS))


def _part(hashes: Sequence[int], part: int) -> Iterator[tuple[int, int]]:
    return ((place, each) for place, each in enumerate(hashes) if each % _PARTS == part)


def _pack(items: list[Any]) -> bytes:
    import pickle  # few runs look at so many files
    import zlib

    return zlib.compress(pickle.dumps(items, pickle.HIGHEST_PROTOCOL))


def _unpack(packed: bytes) -> list[Any]:
    import pickle
    import zlib

    items: list[Any] = pickle.loads(zlib.decompress(packed))  # noqa: S301  # packed above, in this process
    return items
