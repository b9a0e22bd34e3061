"""``typing.NamedTuple``, made in a tenth of the time: a run imports some eighty of them before it reads a single manifest.

What differs: ``typing`` compiles a constructor for each class as it is imported, this module as the first instance is made; and
annotations are not looked at, but for their names and order. A type checker sees ``typing.NamedTuple`` itself.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing for it takes longer than this module saves where nothing else needs it

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, NamedTuple

    __all__ = ("NamedTuple",)
else:
    from collections import _tuplegetter

    class _Record(tuple):
        """What all of them have in common; the names and meanings are those of :func:`collections.namedtuple`."""

        __slots__ = ()

        _begun = False

        def __new__(cls, *values: Any, **named: Any) -> _Record:
            """Make the first one, and with the second what makes all that follow: a constructor with the fields for parameters.

            Compiling it takes as long as making some forty without one, and of many classes there is one record in a run.
            """
            if not cls._begun:
                left = {**cls._field_defaults, **named}
                all_values = (*values, *[left.pop(field) for field in cls._fields[len(values) :] if field in left])
                if len(all_values) == len(cls._fields) and not left.keys() & named.keys():
                    cls._begun = True
                    return tuple.__new__(cls, all_values)
            owner = next(each for each in cls.__mro__ if "_fields" in vars(each))
            names = ", ".join(owner._fields)
            source = f"lambda _cls, {names}: _new(_cls, ({names},))"
            made = eval(source, {"__builtins__": {}, "_new": tuple.__new__})  # noqa: S307  # of identifiers alone
            made.__name__, made.__qualname__ = "__new__", f"{owner.__qualname__}.__new__"
            made.__defaults__ = tuple(owner._field_defaults.values())
            owner.__new__ = made
            return made(cls, *values, **named)

        @classmethod
        def _make(cls, values: Iterable[Any]) -> _Record:
            made = tuple.__new__(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
            return made

        def _replace(self, /, **changed: Any) -> _Record:
            made = self._make(map(changed.pop, self._fields, self))
            if changed:
                raise ValueError(f"Got unexpected field names: {list(changed)!r}")
            return made

        def _asdict(self) -> dict[str, Any]:
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self) -> str:
            shown = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({shown})"

        def __getnewargs__(self) -> tuple[Any, ...]:
            return tuple(self)

    class _Maker(type):
        def __new__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any]) -> type:
            """Make a class of records of a class statement; what is no field stays as it is written."""
            if len(bases) != 1:
                raise TypeError(f"{name} inherits from more than NamedTuple")
            fields = tuple(space.get("__annotations__", ()))
            if not fields:  # from Python 3.14 on a class statement has them only in a module that begins so
                raise TypeError(f"{name} has no fields, or its module lacks: from __future__ import annotations")
            defaults = {field: space[field] for field in fields if field in space}
            if tuple(defaults) != fields[len(fields) - len(defaults) :]:
                raise TypeError(f"{name} has a field without a default behind one that has one")
            for place, field in enumerate(fields):
                space[field] = _tuplegetter(place, "")
            space.update(__slots__=(), _fields=fields, __match_args__=fields, _field_defaults=defaults)
            return type(name, (_Record,), space)

    class _Base:
        """Stands in a class statement's bases."""

        def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
            return (_MARKER,)

    _MARKER = type.__new__(_Maker, "NamedTuple", (), {})
    NamedTuple = _Base()
