"""What may go wrong when Meta's Graph API is asked, in words for the person who asks, with what to do about it."""

from __future__ import annotations

from wa_policy import INCOMPLETE, WRONG_USE
from wa_policy.records import NamedTuple

_RATE_LIMITS = frozenset({4, 17, 32, 341, 613, 130429, *range(80000, 80015)})
_PASSING = frozenset({1, 2, 131057, 131059})

_NEW = (
    "In Meta Business Manager: Business settings > Users > System users, generate a token with the permission "
    "whatsapp_business_management, and put it into the environment variable"
)
_MAY_READ = (
    "In Meta Business Manager: Business settings > Users > System users, give the system user this WhatsApp account, and "
    "generate a token with the permission whatsapp_business_management"
)
_COPY_ID = "copy the id from WhatsApp Manager, where it stands with the account's name; it is no phone number id"
_ENDED = {
    460: "ended when its owner changed the password",
    463: "has expired",
    467: "has been revoked",
}
_EXPLAINED = (
    (_RATE_LIMITS, "Meta takes no more calls for this app or account for now", "try again in an hour"),
    (_PASSING, "Meta's server has a passing fault", "try again later"),
    (frozenset({0, 3, 10, *range(200, 300)}), "the access token may not read this", _MAY_READ),
    (frozenset({803}), "there is no such WABA", _COPY_ID),
    (
        frozenset({5}),
        "Meta takes calls for this app from listed addresses only, and this machine's is none of them",
        "add the address to the app's server IP allowlist (App settings > Advanced), or fetch from a machine that is on it",
    ),
    (
        frozenset({368}),
        "Meta has blocked the account or the app for a breach of its policies",
        "see in Meta Business Manager, Business Support Home, what is blocked and until when",
    ),
    (frozenset({2500}), "Meta does not know this address", "check --api-version and --base-url"),
)


_DAY = 24 * 60 * 60


class SnapshotError(Exception):
    """What kept answers from being fetched or kept, and what to do about it. Safe to show: it knows no token."""

    exit_code = INCOMPLETE

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return self.message


class WrongUseError(SnapshotError):
    """A wish that cannot be granted: nobody was asked."""

    exit_code = WRONG_USE


class RefusedError(SnapshotError):
    """Meta's own error, with its code and its words."""

    def __init__(self, message: str, remedy: str, code: int | None, said: str) -> None:
        super().__init__(message, remedy)
        self.code = code
        self.said = said

    @property
    def lacks_permission(self) -> bool:
        """Whether the token may not read something of what was asked for."""
        return self.code is not None and (self.code == 10 or 200 <= self.code < 300)


class NoAnswer(NamedTuple):
    """Why a question has no answer. One that is ``passing`` may be asked again, after ``pause`` seconds if Meta says so.

    ``said`` is what Meta says of it, with ``code``; None where it was not Meta who answered.
    """

    message: str
    remedy: str
    passing: bool = False
    pause: float = 0.0
    code: int | None = None
    said: str | None = None

    def error(self, attempts: int, longest_pause: float) -> SnapshotError:
        """The exception that says it, after so many attempts."""
        message = self.message + (f" (asked {attempts} times)" if attempts > 1 else "")
        minutes = f"{self.pause / 60:.0f} minutes" if self.pause <= _DAY else "more than a day"
        remedy = f"try again in {minutes}: so Meta says" if self.pause > longest_pause else self.remedy
        return (
            SnapshotError(message, remedy) if self.said is None else RefusedError(message, remedy, self.code, self.said)
        )


def explain(code: int | None, subcode: int | None, said: str) -> NoAnswer:
    """What an error of Meta's means, what to do, and whether it may pass. ``said`` must not hold the token."""
    if code in (102, 190):
        return NoAnswer(f"the access token {_ENDED.get(subcode or 0, 'is not valid, or no longer')}", _NEW)
    if code == 100 and subcode == 33:
        return NoAnswer("there is no such WABA, or this access token may not see it", f"{_COPY_ID}. {_MAY_READ}")
    if "appsecret_proof" in said:
        message = 'the app wants every call signed ("Require app secret"), which wa-policy does not do'
        return NoAnswer(message, "use the token of an app without that setting (App settings > Advanced)")
    if wants_less(said):
        return NoAnswer("Meta finds that too much is asked for at once", "ask for smaller pages, with --page-size")
    for codes, message, remedy in _EXPLAINED:
        if code in codes:
            return NoAnswer(message, remedy, passing=codes in (_RATE_LIMITS, _PASSING))
    return NoAnswer("Meta refuses the question", "see what Meta says of it; if it makes no sense, report it")


def too_many_calls() -> NoAnswer:
    """What is said when a server has had enough, and says no more than that."""
    return explain(4, None, "")


def limits_rate(code: int | None) -> bool:
    """Whether an error of this code says that there were too many calls."""
    return code in _RATE_LIMITS


def wants_less(said: str) -> bool:
    """Whether Meta would answer if less were asked for; it says so with the code, and the HTTP status, of a passing fault."""
    return "reduce the amount of data" in said


def wants_token() -> str:
    """How to come by a token."""
    return _NEW
