"""What a rule is: a function, its declaration, and what its signature says.

The first parameter's annotation is the subject, an optional second one the context, keyword-only parameters are its settings.
"""

from __future__ import annotations

import os
import sys
from enum import Enum
from functools import lru_cache
from types import FunctionType, NoneType
from typing import TYPE_CHECKING, Any, TypeVar

from wa_policy.findings import CERTAINTIES, Fix, Place, Problem, Severity
from wa_policy.manifest import subjects
from wa_policy.policy.model import Fact
from wa_policy.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from wa_policy.findings import Certainty
    from wa_policy.source.spans import DocumentId, Route

    Problems = Iterator[Problem]
    RuleFunction = Callable[..., Problems]
    Alike = Callable[[Any], Hashable]
    F = TypeVar("F", bound=RuleFunction)


class Step(Enum):
    """The steps of the checklist, in its order; the manifest itself comes before them, campaigns after."""

    MANIFEST = "manifest"
    ACCOUNT = "account"
    WABA = "waba"
    NUMBERS = "numbers"
    TEMPLATES = "templates"
    OPT_IN = "opt-in"
    NETWORK = "network"
    CAMPAIGNS = "campaigns"


SUBJECTS = (
    "SourceFile",
    "Workspace",
    "MoEngage",
    "Bsp",
    "Waba",
    "PhoneNumber",
    "Template",
    "OptIn",
    "Campaign",
    "Project",
    "Suppression",
)


def fact(path: str) -> Any:
    """Give a setting the value of a fact: ``fact("limits.sender_name.minimum")``; a policy may override either."""
    return Fact(path)


_STEPS = frozenset(step.value for step in Step)

_TYPES: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "int": (int,),
    "Count": (int,),
    "float": (int, float),
    "Share": (int, float),
    "str": (str,),
}
_SINGLE = (str, int, float, NoneType)
_SEVERAL: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("Mapping", "dict"), (*_SINGLE, list, tuple, set, frozenset)),
    **dict.fromkeys(("Sequence", "list", "tuple"), (*_SINGLE, dict, set, frozenset)),
    **dict.fromkeys(("frozenset", "set"), (*_SINGLE, dict, list, tuple)),
}
"""Types of settings of which it can be told without typing or pydantic whether a default is one of theirs; of those that hold
several values, by what they never are."""


class Rule(NamedTuple):
    """A rule as declared; everything that a policy, a report or the documentation needs to know of it."""

    code: str
    name: str
    step: Step
    function: RuleFunction
    subject: str
    wants_context: bool
    settings: Mapping[str, Any]
    certainty: Certainty
    consults: tuple[str, ...]
    plugin: str = ""
    alike: Alike | None = None
    """Tells subjects apart for the rule: of two with an equal key it has something to say of both, or of neither."""

    @property
    def doc(self) -> str:
        """The rule's documentation: its docstring."""
        return self.function.__doc__ or ""


class RuleError(Exception):
    """A function that cannot be a rule, and why."""


def words_of(error: BaseException) -> str:
    """What an error of a plugin's is and says, even where it cannot say it: its own code runs as it is asked."""
    try:
        said = str.__str__(str(error))  # which may be of a class of the plugin's
    except KeyboardInterrupt:
        raise
    except BaseException as another:  # noqa: BLE001  # of whatever class
        said = f"what it says cannot be told ({type(another).__name__})"
    return f"{type(error).__name__}: {said}"


def show_traceback(error: BaseException) -> None:
    """Print where an error came from that does not end the run, for those who set WA_POLICY_DEBUG.

    Not what it says, which may hold a credential: that is told in the report, where it is masked.
    """
    if os.environ.get("WA_POLICY_DEBUG"):
        import traceback  # for those who mend a rule

        steps = "".join(traceback.format_tb(error.__traceback__))
        sys.stderr.write(f"Traceback (most recent call last):\n{steps}{type(error).__name__}\n")


def rule(
    code: str,
    name: str,
    *,
    step: Step,
    certainty: Certainty = "sure",
    consults: tuple[str, ...] = (),
    alike: Alike | None = None,
) -> Callable[[F], F]:
    """Declare a function to be a rule.

    ``code`` is stable for ever and never reused; ``name`` must read well after "allow". ``consults`` names rule families whose
    verdicts the function asks for by ``ctx.errors_at``: they run before it, unless they consult it in turn.

    ``alike`` spares calls: it gives a subject a key (None: like no other), and once the rule has said nothing of a subject, it
    is not called for others with an equal key. So whether the rule speaks must depend on nothing but its settings, the day, and
    what is in the key. Raises RuleError for what could not be selected or suppressed, for a certainty that there is not, for
    families and keys that could not be asked for, and for a signature that is none.
    """

    _check_words(code, name, step, certainty)
    _check_company(code, consults, alike)

    def declare(function: F) -> F:
        if alike is not None and consults:
            raise RuleError(f"rule {code} consults others, so no two subjects are alike to it")
        declared = _read_signature(function, code, name, step, certainty, consults)
        function.__wa_rule__ = declared._replace(alike=alike)  # type: ignore[attr-defined]  # a function has no declared attributes
        return function

    return declare


def _check_words(code: str, name: str, step: Step, certainty: str) -> None:
    """Whether a rule can be meant by them: lists separate codes and names by commas, and a family is a code without digits."""
    family = code.rstrip("0123456789")
    if family == code or not (family.isascii() and family.isalpha() and family.isupper()):
        raise RuleError(f'"{code}" is no code: it is capital letters, then digits, such as ACME001')
    plain = name.replace("-", "a")
    if not (plain.isascii() and plain.isalnum() and plain.islower() and name[:1].isalpha()) or "--" in f"{name}-":
        wanted = "it is words of small letters and digits with hyphens between them, such as short-code"
        raise RuleError(f'rule {code} is named "{name}", which is no name: {wanted}')
    if name in _STEPS:
        raise RuleError(f'rule {code} is named "{name}", which means a step of the checklist; take another name')
    if not isinstance(step, Step):
        raise RuleError(f"rule {code} has the step {step!r}, which is none: take one of Step, such as Step.MANIFEST")
    if certainty not in CERTAINTIES:
        raise RuleError(f'rule {code} is "{certainty}"; it is one of {", ".join(CERTAINTIES)}')


def _check_company(code: str, consults: object, alike: object) -> None:
    """Whether other rules and other subjects can be told by them: in a run nobody could say whose fault it is."""
    if not isinstance(consults, tuple) or not all(isinstance(family, str) for family in consults):
        wanted = 'it is a tuple of rule families, such as ("NUM",)'
        raise RuleError(f"rule {code} consults {consults!r}, which nobody can look up: {wanted}")
    if alike is not None and not _takes_one(alike):
        wanted = "it is a function that takes one subject and returns a key"
        raise RuleError(f"rule {code} is given an alike that gives subjects no key: {wanted}")


def _takes_one(function: object) -> bool:
    """Whether something can be called with one argument, as far as its code shows."""
    if not callable(function):
        return False
    plain = getattr(function, "__func__", function)  # of a method
    given = 1 if plain is function else 2
    if not isinstance(plain, FunctionType):
        return True  # written in C, or a class: it shows when it is called
    code = plain.__code__
    needed = code.co_argcount - len(plain.__defaults__ or ())
    takes_any = bool(code.co_flags & _TAKES_ANY)
    fits = needed <= given and (given <= code.co_argcount or takes_any)
    return fits and code.co_kwonlyargcount == len(plain.__kwdefaults__ or ())


_TAKES_ANY = 0x04
"""The flag of code that has ``*args`` (CO_VARARGS of the inspect module, which takes long to import)."""


def _read_signature(
    function: RuleFunction,
    code: str,
    name: str,
    step: Step,
    certainty: Certainty,
    consults: tuple[str, ...],
) -> Rule:
    # Straight from the code object: the inspect module's signature costs more than all rules together.
    shape = function.__code__
    positional = shape.co_varnames[: shape.co_argcount]
    where = f"rule {code} ({function.__module__}.{function.__qualname__})"
    if not 1 <= len(positional) <= 2 or (len(positional) == 2 and positional[1] != "ctx"):
        raise RuleError(f"{where} must take its subject and, if it wants one, ctx; settings are keyword-only")
    shown = _shown(function.__annotations__.get(positional[0], ""))
    subject = shown.rpartition(".")[2] if shown.replace(".", "").isidentifier() else shown
    if subject not in SUBJECTS:
        raise RuleError(f"{where} looks at {subject or 'nothing'}; a subject is one of {', '.join(SUBJECTS)}")
    settings = dict(function.__kwdefaults__ or {})
    names = shape.co_varnames[shape.co_argcount : shape.co_argcount + shape.co_kwonlyargcount]
    if without := [setting for setting in names if setting not in settings]:
        raise RuleError(f"{where} gives no default to {', '.join(without)}")
    if without := [setting for setting in names if setting not in function.__annotations__]:
        raise RuleError(f"{where} gives no type to {', '.join(without)}")
    for setting, default in settings.items():
        if not isinstance(default, Fact) and (kind := contradicted(function, setting, default)):
            raise RuleError(f"{where} gives {setting}, which is {kind}, the default {default!r}")
    return Rule(code, name, step, function, subject, len(positional) == 2, settings, certainty, consults)


def _shown(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", repr(annotation))


def contradicted(function: RuleFunction, setting: str, value: Any) -> str:
    """The type of a setting, if a value is certainly none of it; a union, and a type that a plugin makes itself, may take any."""
    kind = _shown(function.__annotations__[setting])
    return kind if "|" not in kind and _is_none_of(value, kind.partition("[")[0].rpartition(".")[2]) else ""


def _is_none_of(value: Any, kind: str) -> bool:
    if kind in _SEVERAL:
        return isinstance(value, _SEVERAL[kind])
    wanted = _TYPES.get(kind)
    return wanted is not None and (not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted))


def rules_in(module: str) -> list[Rule]:
    """All rules that a module defines, in the order in which it does."""
    return [
        value.__wa_rule__
        for value in vars(sys.modules[module]).values()
        if getattr(value, "__module__", "") == module and hasattr(value, "__wa_rule__")
    ]


class Context:
    """What a rule may know besides its subject: the date it is judged on, and what other rules have found so far."""

    __slots__ = ("_by_place", "_errors", "_placed", "as_of", "consults")

    def __init__(
        self,
        as_of: date,
        errors: Callable[[], Sequence[tuple[str, Problem]]] = tuple,
        consults: tuple[str, ...] = ("",),
    ) -> None:
        self.as_of = as_of
        self.consults = consults
        """How the codes begin of the rules that the asking one consults."""
        self._errors = errors
        self._by_place: dict[tuple[DocumentId, Route], dict[str, int]] = {}
        self._placed = 0

    def errors_of(self, *codes: str) -> Iterator[Problem]:
        """The errors that these rules found anywhere. Only rules that the asking one ``consults`` are certain to have run."""
        return (problem for code, problem in self._errors() if code in codes)

    def errors_at(self, subject: subjects.Subject) -> tuple[str, ...]:
        """Codes of the rules, of those that the asking one ``consults``, that found an error at this subject or inside it.

        Each once, in order.
        """
        self._place_errors()
        if not self._by_place:
            return ()
        found = self._by_place.get((subject.document, subject.route), {})
        # What evidence says of a subject stands in the evidence's file.
        if overlay := subject.overlay:
            there = self._by_place.get((overlay.document, overlay.route), {})
            found = dict(sorted([*there.items(), *found.items()], key=lambda item: item[1]))
        return tuple(code for code in found if code.startswith(self.consults))

    def _place_errors(self) -> None:
        """Note the errors that came since somebody last asked, each under its place and all that it is inside of."""
        errors = self._errors()
        for index in range(self._placed, len(errors)):
            code, problem = errors[index]
            place = problem.places[0]
            for length in range(len(place.route) + 1):
                self._by_place.setdefault((place.document, place.route[:length]), {}).setdefault(code, index)
        self._placed = len(errors)


At = subjects.Subject | Place


def _place(at: At) -> Place:
    return at if isinstance(at, Place) else at.at()


def fail(
    message: str,
    *,
    at: At,
    also: Iterable[At] = (),
    remedy: str = "",
    at_most: Severity = "error",
    fix: Fix | None = None,
    about: Any = None,
) -> Problem:
    """Say that something is wrong: what, where (main place, then labelled others), and what to do.

    ``at_most`` caps the severity where this case is milder than the rule's others, or rests on an unsure source; at ``off`` it
    stands in no report. ``fix`` says how the manifest itself would be put right, where that can be said.

    ``about`` is what was judged, as plain data, where that is not the value at the place: counts in a file that the manifest only
    names, say. Once it is another, a finding that was accepted counts again. Let it hold all that the verdict rests on.
    """
    return Problem("fail", message, (_place(at), *(_place(place) for place in also)), remedy, at_most, fix, about)


def unproven(
    message: str,
    *,
    at: At,
    also: Iterable[At] = (),
    remedy: str = "",
    at_most: Severity = "error",
    fix: Fix | None = None,
    about: Any = None,
) -> Problem:
    """Say that neither the manifest nor its evidence shows something that must be so."""
    return Problem("unproven", message, (_place(at), *(_place(place) for place in also)), remedy, at_most, fix, about)


def claimed(subject: subjects.Subject, *keys: str | int, by: str) -> Problems:
    """Say that a value, found to be fine, is the manifest's word alone; ``by`` names what would prove it.

    Yields one problem, which counts under policies that do not take claims for proof (``strict``); none when evidence gave the
    value.
    """
    if not subject.workspace.hears_claims or subject.proves(*keys):
        return iter(())
    message, remedy = _words_of_a_claim(keys, by)
    return iter((Problem("claimed", message, (subject.at(*keys),), remedy),))


@lru_cache(maxsize=256)  # of a list of subjects, each claims the same
def _words_of_a_claim(keys: tuple[str | int, ...], by: str) -> tuple[str, str]:
    return f"{'.'.join(map(str, keys))} is claimed here, and no evidence proves it", f"prove it by {by}"
