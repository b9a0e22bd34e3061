"""Types for the settings of rules: plain values for the rule, bounds for the policy that sets them."""

from typing import TYPE_CHECKING, Annotated, Any

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


class Between:
    """Bounds of a number, both inclusive, which pydantic enforces on what a policy writes."""

    __slots__ = ("high", "low")

    def __init__(self, low: float, high: float | None = None) -> None:
        self.low = low
        self.high = high

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        """Tell pydantic; imported only when a policy is being checked, since linting itself does without pydantic."""
        from pydantic_core import core_schema

        def check(value: float) -> float:
            if not (self.low <= value and (self.high is None or value <= self.high)):  # NaN is nowhere
                upper = "" if self.high is None else f" and at most {self.high}"
                raise ValueError(f"must be at least {self.low}{upper}")
            return value

        return core_schema.no_info_after_validator_function(check, handler(source))


Share = Annotated[float, Between(0, 1)]
"""A share of a whole, from 0 to 1."""

Count = Annotated[int, Between(0)]
"""A number of things, 0 or more."""
