"""Questions to Meta's Graph API: asked again where that may help, explained where they fail. Nothing else opens a connection.

The token goes into the Authorization header and nowhere else. What httpx raises knows the request, so nothing of it is passed on.
"""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import quote, urlsplit

import httpx

from wa_policy import __version__
from wa_policy.evidence.graph import LIMITS
from wa_policy.source.document import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BASE_URL = "https://graph.facebook.com"
API_VERSION = "v24.0"
"""The first version that knows the messaging limit of a portfolio."""

ATTEMPTS = 5
"""How often one question is asked at most."""
FIRST_PAUSE = 1.0
"""Seconds before a question is asked again; each further pause is twice as long."""
LONGEST_PAUSE = 300.0
"""Seconds that are waited at most; who has to wait longer is told so."""
MOST_BYTES = 32 * 1024 * 1024
"""The size that one answer may have, unpacked."""
NEAR_LIMIT = 90
"""Per cent of the calls that Meta allows, from which on it is worth telling."""

_MASK = "*****"
_ANY_TOKEN = re.compile(r"\bEAA[A-Za-z0-9]{20,}|(?<=access_token=)[^&\s\"'<>]+")
_SHOWN = 300

_RATE_LIMITS = frozenset({4, 17, 32, 341, 613, 130429, *range(80000, 80015)})
_PASSING = frozenset({1, 2, 131057, 131059}) | _RATE_LIMITS

_NEW_TOKEN = (
    "In Meta Business Manager: Business settings > Users > System users, generate a token with the permission "
    "whatsapp_business_management, and put it into the environment variable"
)
_MAY_READ = (
    "In Meta Business Manager: Business settings > Users > System users, give the system user this WhatsApp account, and "
    "generate a token with the permission whatsapp_business_management"
)
_ENDED_TOKENS = {
    460: "ended when the password of its owner was changed",
    463: "has expired",
    467: "has been revoked",
}
_EXPLAINED: tuple[tuple[frozenset[int], str, str], ...] = (
    (_RATE_LIMITS, "Meta takes no more calls of this app or account for now", "try again in an hour"),
    (_PASSING, "Meta's server has a passing fault", "try again later"),
    (frozenset({0, 3, 10, *range(200, 300)}), "the access token may not read this", _MAY_READ),
    (
        frozenset({803}),
        "there is no such WABA",
        "copy the id from WhatsApp Manager, where it stands with the account's name",
    ),
    (
        frozenset({5}),
        "Meta takes calls of this app from listed addresses only, and this machine's is not among them",
        "add the address to the app's list (App settings > Advanced > Server IP allowlist), or fetch from a listed machine",
    ),
    (
        frozenset({368}),
        "Meta has blocked the account or the app for a breach of its policies",
        "see Meta Business Manager > Business Support Home for what is blocked, and until when",
    ),
    (
        frozenset({2500}),
        "Meta does not know this address",
        "check --api-version and --base-url",
    ),
)


class SnapshotError(Exception):
    """What kept answers from being fetched or kept, and what to do about it. Safe to show: it knows no token."""

    exit_code = 3

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


class WrongUseError(SnapshotError):
    """A wish that cannot be granted: nobody was asked."""

    exit_code = 2


class RefusedError(SnapshotError):
    """Meta's own error, with its code and its words."""

    def __init__(self, message: str, remedy: str, code: int, said: str) -> None:
        super().__init__(message, remedy)
        self.code = code
        self.said = said


class Token:
    """An access token, which shows itself to nobody. Raises WrongUseError for what cannot be one."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value.strip()
        if not re.fullmatch(r"[!-~]{8,}", self._value):
            message = "what the environment variable holds is no access token: it is too short, or has blanks or strange letters"
            raise WrongUseError(message, _NEW_TOKEN)

    def __repr__(self) -> str:
        return "<access token>"

    def headers(self) -> dict[str, str]:
        """The one place where it is shown: to Meta."""
        return {"Authorization": f"Bearer {self._value}"}

    def hide(self, text: str) -> str:
        """Mask in any text this token, however it is written, and what looks like another."""
        for form in (self._value, quote(self._value, safe="")):
            text = text.replace(form, _MASK)
        return _ANY_TOKEN.sub(_MASK, text)


class Trouble(NamedTuple):
    """Why a question has no answer. One that is ``passing`` may be asked again, after ``pause`` seconds if Meta says so."""

    message: str
    remedy: str
    passing: bool = False
    pause: float = 0.0
    code: int | None = None
    said: str = ""


class GraphApi:
    """A connection to the API, to be used in a ``with`` block. ``tell`` is told what a patient person would like to know."""

    def __init__(
        self,
        token: Token,
        *,
        base_url: str = BASE_URL,
        api_version: str = API_VERSION,
        timeout: float = 30.0,
        tell: Callable[[str], None] = lambda _: None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._token = token
        self.api_version = api_version
        self.tell = tell
        self._timeout = timeout
        self._sleep = sleep
        self.now = now
        self._told_of_usage = False
        self._root, self._host, local = _check_base_url(base_url)
        self._client = _client(token, timeout, trust_environment=not local)

    def __enter__(self) -> Self:
        self._client.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.__exit__()

    def hide(self, text: str) -> str:
        """Mask tokens in a text."""
        return self._token.hide(text)

    def ask(self, path: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        """Ask, and ask again while that may help. Raises RefusedError where Meta refuses, SnapshotError for all else."""
        for attempt in range(1, ATTEMPTS + 1):
            trouble = self._ask_once(path, parameters)
            if not isinstance(trouble, Trouble):
                return trouble
            pause = trouble.pause or min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE)
            if not trouble.passing or attempt == ATTEMPTS or pause > LONGEST_PAUSE:
                break
            self.tell(f"{trouble.message}; asking again in {pause:.0f} s")
            self._sleep(pause)
        message = trouble.message + (f" (asked {attempt} times)" if attempt > 1 else "")
        remedy = trouble.remedy
        if trouble.pause > LONGEST_PAUSE:
            remedy = f"try again in {trouble.pause / 60:.0f} minutes: so Meta says"
        if trouble.code is None:
            raise SnapshotError(message, remedy)
        raise RefusedError(message, remedy, trouble.code, trouble.said)

    def _ask_once(self, path: str, parameters: Mapping[str, str]) -> dict[str, Any] | Trouble:
        try:
            with self._client.stream("GET", f"{self._root}/{self.api_version}/{path}", params=parameters) as response:
                body = self._body(response)
        except httpx.HTTPError as error:
            return self._broken(error)
        if body is None:
            return self._too_slow()
        if len(body) > MOST_BYTES:
            return Trouble(f"the answer has more than {MOST_BYTES:,} bytes", "ask for smaller pages, with --page-size")
        self._watch_usage(response.headers)
        return self._judge(response, body)

    def _body(self, response: httpx.Response) -> bytes | None:
        """The body, as far as it is worth reading; None when it trickles in more slowly than anybody waits."""
        body = b""
        end = time.monotonic() + self._timeout
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MOST_BYTES:
                break
            if time.monotonic() > end:
                return None
        return body

    def _too_slow(self) -> Trouble:
        return Trouble(
            f"{self._host} did not answer within {self._timeout:g} seconds",
            "try again later, wait longer with --timeout, or ask for smaller pages with --page-size",
            passing=True,
        )

    def _broken(self, error: httpx.HTTPError) -> Trouble:
        """Say in our own words what httpx raised: its words and its request may hold the token."""
        if isinstance(error, httpx.TimeoutException):
            return self._too_slow()
        if tls := next((cause for cause in _causes(error) if isinstance(cause, ssl.SSLError)), None):
            reason = getattr(tls, "verify_message", "") or str(tls.reason or "").replace("_", " ").lower()
            return Trouble(
                f"no safe connection to {self._host} could be made" + (f": {reason}" if reason else ""),
                "check --base-url; where a proxy opens connections, name its certificates in SSL_CERT_FILE",
            )
        if isinstance(error, httpx.ProxyError):
            return Trouble(
                f"the proxy did not let the call to {self._host} through", "check HTTPS_PROXY, ALL_PROXY and NO_PROXY"
            )
        if isinstance(error, httpx.ConnectError):
            system = next((cause for cause in _causes(error) if isinstance(cause, OSError) and cause.strerror), None)
            reason = f": {system.strerror}" if system else ""
            return Trouble(
                f"{self._host} cannot be reached{reason}", "check the network, HTTPS_PROXY and --base-url", passing=True
            )
        return Trouble(f"the connection to {self._host} broke off in the middle", "try again later", passing=True)

    def _judge(self, response: httpx.Response, body: bytes) -> dict[str, Any] | Trouble:
        status = response.status_code
        if response.is_redirect:
            return self._redirect(response)
        reading = read(body, "answer.json", LIMITS)
        data = reading.documents[0].data if reading.documents else None
        if not isinstance(data, dict):
            return self._no_answer(response, reading.troubles[0].message if reading.troubles else "it is no object")
        error = data.get("error")
        if isinstance(error, dict):
            return self._refused(error, status, response.headers)
        if error is not None or status != httpx.codes.OK:
            return self._no_answer(response, "it is neither an answer nor an error of Meta's")
        return data

    def _redirect(self, response: httpx.Response) -> Trouble:
        host = urlsplit(response.headers.get("location", "")).hostname or self._host
        return Trouble(
            f"{self._host} sends the call on to {self.hide(host)}, which is not followed: the token would go there",
            "check --base-url; a network that asks you to log in first does this too",
        )

    def _no_answer(self, response: httpx.Response, why: str) -> Trouble:
        status = response.status_code
        kind = response.headers.get("content-type", "").partition(";")[0].strip()
        if status == httpx.codes.TOO_MANY_REQUESTS:
            message, remedy, _ = _explain(4, None, "")
            return Trouble(message, remedy, passing=True, pause=self._pause(response.headers))
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            pause = self._pause(response.headers)
            return Trouble(f"{self._host} fails (HTTP {status})", "try again later", passing=True, pause=pause)
        if status == httpx.codes.OK and kind in ("application/json", "text/javascript"):
            message = f"the answer of {self._host} is broken, or breaks off: {self.hide(why)}"
            return Trouble(message, "try again later", passing=True)
        shown = f", {self.hide(kind)}" if kind else ""
        return Trouble(
            f"what {self._host} answers is none of Meta's answers (HTTP {status}{shown})",
            "check --base-url; a proxy, or a network that asks you to log in first, may have answered",
        )

    def _refused(self, error: Mapping[str, Any], status: int, headers: httpx.Headers) -> Trouble:
        code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
        said = self.hide(str(error.get("message", "")))
        message, remedy, passing = _explain(code, subcode, said)
        passing = passing or error.get("is_transient") is True or status >= httpx.codes.INTERNAL_SERVER_ERROR
        codes = f"code {code}" + (f"/{subcode}" if subcode is not None else "")
        trace = self.hide(str(error.get("fbtrace_id", "")))[:64]
        shown = said if len(said) <= _SHOWN else f"{said[:_SHOWN]}..."
        words = f'{message}. Meta says: "{shown}" ({codes}' + (f", fbtrace_id {trace})" if trace else ")")
        pause = self._pause(headers) if code in _RATE_LIMITS or status == httpx.codes.TOO_MANY_REQUESTS else 0.0
        return Trouble(words, remedy, passing, pause, -1 if code is None else code, said)

    def _pause(self, headers: httpx.Headers) -> float:
        """How many seconds the server asks us to wait; 0 if it does not say."""
        minutes = max((_share(entry, "estimated_time_to_regain_access") for entry in _usages(headers)), default=0.0)
        after = headers.get("retry-after", "").strip()
        if re.fullmatch(r"[0-9]{1,6}", after):
            return max(float(after), minutes * 60)
        return max(_seconds_until(after, self.now()), minutes * 60)

    def _watch_usage(self, headers: httpx.Headers) -> None:
        counted = ("call_count", "total_time", "total_cputime")
        used = max((_share(entry, key) for entry in _usages(headers) for key in counted), default=0.0)
        if used >= NEAR_LIMIT and not self._told_of_usage:
            self._told_of_usage = True
            self.tell(
                f"{used:.0f} % of the calls that Meta allows within an hour are used; beyond 100 % it answers no more"
            )


def _explain(code: int | None, subcode: int | None, said: str) -> tuple[str, str, bool]:
    """What an error of Meta's means, what to do, and whether it may pass."""
    if code in (102, 190):
        return f"the access token {_ENDED_TOKENS.get(subcode or 0, 'is not valid, or no longer')}", _NEW_TOKEN, False
    if code == 100 and subcode == 33:  # noqa: PLR2004  # Meta's own number
        remedy = (
            "check --waba-id (WhatsApp Manager shows it with the account's name; it is no phone number id). "
            + _MAY_READ
        )
        return "there is no such WABA, or this access token may not see it", remedy, False
    if "appsecret_proof" in said:
        message = 'the app wants every call signed ("Require app secret"), which wa-policy does not do'
        return message, "use a token of an app without that setting (App settings > Advanced > Security)", False
    for codes, message, remedy in _EXPLAINED:
        if code in codes:
            return message, remedy, code in _PASSING
    return "Meta refuses the question", "see what Meta says of it; report it if it makes no sense", False


def _check_base_url(url: str) -> tuple[str, str, bool]:
    """The URL without a slash at its end, its host, and whether that is this machine. Raises WrongUseError."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        sound = parts.scheme in ("http", "https") and host and (parts.port or 1)
    except ValueError:
        sound = False
    if not sound or parts.query or parts.fragment or "@" in parts.netloc:
        # Not shown: it may hold a password.
        raise WrongUseError("--base-url is no plain address of a server", f"write it like {BASE_URL}")
    local = _is_local(host)
    if parts.scheme != "https" and not local:
        message = "--base-url does not begin with https://, so the token would travel in the open"
        raise WrongUseError(message, "write https://; only this machine itself may be asked without")
    return url.rstrip("/"), host, local


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _client(token: Token, timeout: float, *, trust_environment: bool) -> httpx.Client:
    """A client that follows nobody. A call to this machine takes no proxy, which would see the token in the open."""
    headers = {"Accept": "application/json", "User-Agent": f"wa-policy/{__version__}", **token.headers()}
    try:
        return httpx.Client(headers=headers, timeout=timeout, follow_redirects=False, trust_env=trust_environment)
    except (ImportError, OSError, ValueError, httpx.InvalidURL):
        pass  # what they say may hold the proxy's password
    raise WrongUseError(
        "the environment names a proxy or certificates that cannot be used",
        "check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR",
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _usages(headers: httpx.Headers) -> Iterator[Mapping[str, Any]]:
    """What Meta's headers say of how much of the allowance is used, by app and by business."""
    for name in ("x-app-usage", "x-business-use-case-usage"):
        try:
            usage = json.loads(headers.get(name, "{}"))
        except (ValueError, RecursionError):
            continue
        entries = [usage, *(usage.values() if isinstance(usage, dict) else ())]
        for entry in entries:
            yield from (item for item in (entry if isinstance(entry, list) else [entry]) if isinstance(item, dict))


def _share(entry: Mapping[str, Any], key: str) -> float:
    value = entry.get(key)
    return float(value) if isinstance(value, int | float) and 0 <= value < 1_000_000 else 0.0


def _seconds_until(text: str, now: float) -> float:
    """The seconds from now to an HTTP date; 0 for what is none, or has passed."""
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (TypeError, ValueError, OverflowError):
        return 0.0
