"""What jsonschema says of a document, as faults, and what is made of them: violations in words, with corrections."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

from wa_policy.records import NamedTuple
from wa_policy.schema.formats import checks, is_day
from wa_policy.schema.texts import load_schema
from wa_policy.schema.words import SHOWN, TRUTHS, is_credential, name_of, number, quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wa_policy.source.spans import Route


class Correction(NamedTuple):
    """What would satisfy the schema: ``set`` the value at a route, ``remove`` the key there, or ``rename`` it.

    ``safe`` where nothing else can be meant. A tuple stands for a list.
    """

    verb: Literal["set", "remove", "rename"]
    route: Route
    value: Any
    safe: bool


class Violation(NamedTuple):
    """One thing that the schema refuses: where, what, and what to do about it.

    ``on_key`` points at the key instead of its value. ``expected`` is what the schema wants in this place: a type in
    JSON Schema's own word (``string``), else the values or keys to choose from, or the schema's description.
    """

    route: Route
    message: str
    remedy: str
    on_key: bool
    expected: str
    correction: Correction | None = None


Meant = tuple[Any, bool] | None
"""The value that was meant, and whether nothing else can be meant."""


class Fault(NamedTuple):
    """One of jsonschema's errors, reduced to what an explanation needs."""

    kind: str
    keyword: str
    wanted: Any
    route: Route
    found: Any
    schema: Mapping[str, Any]
    steps: tuple[str | int, ...]

    @property
    def name(self) -> str:
        """How a message calls the value."""
        return name_of(self.kind, self.route)

    @property
    def hidden(self) -> bool:
        """Whether the value may be a credential, or a part of one. A yes or no where true or false belongs is none."""
        if self.schema.get("type") == "boolean" and str(self.found).casefold() in TRUTHS:
            return False
        return any(isinstance(step, str) and is_credential(step) for step in self.route)

    @property
    def is_key(self) -> bool:
        """Whether it is the key itself that is refused, and not the value behind it."""
        return "propertyNames" in self.steps

    @property
    def refused(self) -> str:
        """How a message begins whose end says what the value should be."""
        if self.hidden:
            return f"{self.name} has a value that cannot be"
        return f"{self.name} cannot be {quote(self.found) if isinstance(self.found, str) else number(self.found)}"

    def told(self, message: str, remedy: str, expected: str, meant: Meant = None) -> Violation:
        """A violation at the value; ``meant`` is the value that was meant, as far as that is known."""
        correction = None if meant is None or self.hidden else Correction("set", self.route, *meant)
        return Violation(self.route, message, remedy, on_key=False, expected=expected, correction=correction)

    def told_at_key(self, message: str, remedy: str, expected: str) -> Violation:
        """A violation at the key of the value, for what the value lacks; an item of a list has no key."""
        on_key = bool(self.route) and isinstance(self.route[-1], str)
        return Violation(self.route, message, remedy, on_key, expected)


def find_faults(data: object, kind: str) -> list[Fault]:
    """All that jsonschema has against a document of a kind. Raises RecursionError where it is nested too deeply."""
    return [_fault(error, kind) for error in explainer_of(kind).iter_errors(_bounded(data))]


def _fault(error: ValidationError, kind: str) -> Fault:
    steps = tuple(error.absolute_schema_path)
    keyword = "propertyNames" if "propertyNames" in steps and "then" in steps else str(error.validator)
    schema = error.schema if isinstance(error.schema, dict) else {}
    path: tuple[Any, ...] = tuple(error.absolute_path)  # in Python, unlike in JSON, any value can be a key
    if "propertyNames" in steps and keyword != "propertyNames":  # what the key itself must be
        path = (*path, error.instance)
    route = tuple(step if isinstance(step, str | int) else str(step) for step in path)
    return Fault(kind, keyword, error.validator_value, route, error.instance, schema, steps)


@cache
def explainer_of(kind: str) -> Draft202012Validator:
    """The engine that finds the faults of documents of a kind, made once per process."""
    formats = FormatChecker(formats=())
    formats.checks("date")(lambda value: not isinstance(value, str) or is_day(value))
    formats.checks("date-time")(lambda value: not isinstance(value, str) or is_day(value[:10]))
    for name, fits in checks().items():
        formats.checks(name)(fits)
    engine: Any = extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]  # so are its stubs
    validator: Draft202012Validator = engine(load_schema(kind), format_checker=formats)
    return validator


def _pattern(_engine: object, pattern: str, value: object, _schema: object) -> Iterator[ValidationError]:
    if isinstance(value, str) and not compiled(pattern).search(value):
        yield ValidationError("")


def compiled(pattern: str) -> re.Pattern[str]:
    """A schema's pattern as other engines mean it: in Python, "$" lets a line break pass at the end."""
    return re.compile(re.sub(r"\$\Z", r"\\Z", pattern))


def _bounded(value: Any) -> Any:
    """The same data with numbers that Python can print: jsonschema prints every value that it refuses."""
    if isinstance(value, dict):
        return {key: _bounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_bounded(item) for item in value]
    if isinstance(value, int) and abs(value) >= 10**SHOWN:
        return 10**SHOWN if value > 0 else -(10**SHOWN)
    return value
