"""Whether a document satisfies its schema: jsonschema-rs decides, jsonschema is imported to explain a refusal."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from wa_policy.light import validators
from wa_policy.schema.texts import load_schema

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

    from wa_policy.schema.faults import Violation


@cache
def load_validator(kind: str) -> Draft202012Validator:
    """The compiled schema of a kind, made once per process."""
    if kind != "facts":
        return validators()(load_schema(kind), validate_formats=True)
    from wa_policy.schema.formats import checks  # no other schema has formats of our own

    return validators()(load_schema(kind), validate_formats=True, formats=checks())


def validate(data: object, kind: str = "workspace") -> bool:
    """Decide whether plain data (dict, list, str, int, float, bool, None) satisfies the schema of a kind.

    The engine recurses natively: data must come from a reader that bounds its depth.
    """
    try:
        return load_validator(kind).is_valid(data)
    except ValueError:  # what JSON cannot hold: a key that is no text, half a surrogate pair, a type of one's own
        return False


def violations(data: object, kind: str = "workspace") -> list[Violation]:
    """What is wrong with data that its schema refuses, by route; an empty list for data that it accepts."""
    if validate(data, kind):
        return []
    from wa_policy.schema.explain import explain

    return explain(data, kind) or [_unexplained(data, kind)]


def _unexplained(data: object, kind: str) -> Violation:
    """The two engines disagree. What one of them refuses must not pass, though nobody can say why."""
    from wa_policy.schema.faults import Violation

    try:
        refusal = next(load_validator(kind).iter_errors(data))
        route, reason = tuple(refusal.instance_path), f"for its {refusal.schema_path[-1]}"
    except ValueError as error:
        route, reason = (), f"as data that it cannot read ({type(error).__name__})"
    message = f"the schema's engine refuses this {reason}, and nothing was found that explains it"
    remedy = "compare it with the schema, and report this as a bug of wa-policy"
    return Violation(route, message, remedy, on_key=False, expected="")
