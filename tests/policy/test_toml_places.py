"""Where the keys and items of a TOML text stand, however it is written."""

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from wa_policy.policy.toml_places import places_in
from wa_policy.source.spans import Route

TEXT = r'''
a = @x@' # = "
"b.c" = { d.e = 1979-05-27 07:32:00, 'f' = "}] \" #" } # [[x]]
[ t . u ]
list = [ # ]
  1, "2", [3, 4.5], [], {}, { k = -inf, l = true }, # , 9
]
text = """
[nothing]
list = 5 \""" and """""
empty = """"""
none = ""
"\u0061\"" = 1
[[x]]
y = 1
[[x.z]]
[[x.z]]
[x.z.w]
v = 2
[[x]]
y = 3
[x.z]
v = 4
'''[1:].replace("@", "'''")


def routes(data: Any, above: Route = ()) -> Iterator[Route]:
    """The routes to all that is in plain data."""
    for step, inside in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield (*above, step)
        yield from routes(inside, (*above, step))


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_everything_that_the_reader_finds_has_a_place(ends: str) -> None:
    text = TEXT.replace("\n", ends)
    assert set(places_in(text)) == set(routes(tomllib.loads(text)))


@pytest.mark.parametrize(
    ("route", "line", "shown"),
    [
        (("a",), 1, "a"),
        (("b.c", "d", "e"), 2, "e"),
        (("b.c", "f"), 2, "'f'"),
        (("t", "u"), 3, "u"),
        (("t", "u", "list"), 4, "list"),
        (("t", "u", "list", 1), 5, '"2"'),
        (("t", "u", "list", 2, 1), 5, "4.5"),
        (("t", "u", "list", 5), 5, "{ k = -inf, l = true }"),
        (("t", "u", "list", 5, "l"), 5, "l"),
        (("t", "u", 'a"'), 12, '"\\u0061\\""'),
        (("x",), 13, "x"),
        (("x", 0), 13, "x"),
        (("x", 0, "z", 1), 16, "z"),
        (("x", 0, "z", 1, "w", "v"), 18, "v"),
        (("x", 1), 19, "x"),
        (("x", 1, "y"), 20, "y"),
        (("x", 1, "z", "v"), 22, "v"),
    ],
)
def test_a_place_is_where_it_is_written(route: Route, line: int, shown: str) -> None:
    start, end = places_in(TEXT)[route]
    assert (TEXT[:start].count("\n") + 1, TEXT[start:end]) == (line, shown)
