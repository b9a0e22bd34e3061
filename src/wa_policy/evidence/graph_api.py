"""Questions to Meta's Graph API, asked again where that may help. Nothing that checks manifests opens a connection.

The token goes into the Authorization header and nowhere else. What httpx raises knows the request, so nothing of it is passed on.
"""

from __future__ import annotations

import json
import re
import ssl
import time
from contextlib import suppress
from ipaddress import ip_address
from socket import SHUT_RDWR, socket
from threading import Timer
from time import monotonic
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import httpx

from wa_policy import __version__
from wa_policy.evidence.graph import LIMITS
from wa_policy.evidence.graph_errors import (
    NoAnswer,
    WrongUseError,
    explain,
    limits_rate,
    too_many_calls,
    wants_less,
    wants_token,
)
from wa_policy.schema.credentials import ISSUED_BY_META
from wa_policy.source.reading import read
from wa_policy.wording import cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ATTEMPTS = 5
"""How often one question is asked at most."""
FIRST_PAUSE = 1.0
"""Seconds before a question is asked again; each further pause is twice as long."""
LONGEST_PAUSE = 300.0
"""Seconds that are waited at most; who would have to wait longer is told so."""
MOST_BYTES = 32 * 1024 * 1024
"""The size that one answer may have, unpacked."""
NEAR_LIMIT = 90
"""Per cent of the calls that Meta allows, from which on it is worth telling."""

_MASK = "*****"
_ANY_TOKEN = re.compile(rf"{ISSUED_BY_META}|(?<=access_token=)[^&\s\"'<>]+")
_SHOWN = 300
_JSON = ("application/json", "text/javascript")


class Token:
    """An access token, which shows itself to nobody. Raises WrongUseError for what cannot be one."""

    __slots__ = ("_forms", "_value")

    def __init__(self, value: str) -> None:
        self._value = value.strip()
        if not re.fullmatch(r"[!-~]{8,}", self._value):
            message = "what is given is no access token: it is too short, or has blanks or strange letters in it"
            raise WrongUseError(message, wants_token())
        self._forms = re.compile("".join(map(_written, self._value)), re.IGNORECASE)

    def __repr__(self) -> str:
        return "<access token>"

    def headers(self) -> dict[str, str]:
        """The one way in which it is shown: to Meta."""
        return {"Authorization": f"Bearer {self._value}"}

    def hide(self, text: str) -> str:
        """Mask in any text this token, however it is written, and what looks like another."""
        return _ANY_TOKEN.sub(_MASK, self._forms.sub(_MASK, text))


def _written(sign: str) -> str:
    """A pattern for one sign of a token: in an address it may stand as %7C or %7c, and where addresses are nested as %257C."""
    return sign if sign.isalnum() else f"(?:{re.escape(sign)}|%(?:25)*{ord(sign):02x})"


class GraphApi:
    """A connection to the API, for a ``with`` block.

    An answer may take ``timeout`` seconds. ``tell`` is told what a person who waits would like to know. Raises WrongUseError for
    an address that is none.
    """

    def __init__(
        self,
        token: Token,
        *,
        base_url: str,
        api_version: str,
        timeout: float,
        tell: Callable[[str], None] = lambda _: None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.api_version = api_version
        self.hide = token.hide
        self.now = now
        self.tell = tell
        self._sleep = sleep
        self._timeout = timeout
        self._told_of_usage = False
        self._line = _Line()
        self._root, self._host = _check_base_url(base_url)
        self._client = _client(token, timeout, trust_environment=not _is_local(self._host))

    def __enter__(self) -> Self:
        self._client.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self._line.close()

    def ask(self, path: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        """Meta's answer; ask again while that may help. Raises RefusedError where Meta refuses, SnapshotError for all else."""
        attempt = 0
        while True:
            attempt += 1
            answer = self._ask_once(path, parameters)
            if not isinstance(answer, NoAnswer):
                return answer
            pause = answer.pause or FIRST_PAUSE * 2 ** (attempt - 1)
            if not answer.passing or attempt == ATTEMPTS or pause > LONGEST_PAUSE:
                raise answer.error(attempt, LONGEST_PAUSE)
            self.tell(f"{answer.message}; asking again in {pause:.0f} s")
            self._sleep(pause)

    def _ask_once(self, path: str, parameters: Mapping[str, str]) -> dict[str, Any] | NoAnswer:
        url = f"{self._root}/{self.api_version}/{path}"
        end = monotonic() + self._timeout
        clock = Timer(self._timeout, self._line.cut)
        clock.daemon = True
        clock.start()
        try:
            with self._client.stream("GET", url, params=parameters, extensions={"trace": self._line.watch}) as response:
                response.stream = _Bounded(response.stream, end)
                body = _body(response)
        except httpx.HTTPError as error:
            return self._too_slow() if monotonic() >= end else self._broken(error)
        finally:
            clock.cancel()
        if len(body) > MOST_BYTES:
            return NoAnswer(f"an answer has more than {MOST_BYTES:,} bytes", "ask for smaller pages, with --page-size")
        self._watch_usage(response.headers)
        return self._judge(response, body)

    def _too_slow(self) -> NoAnswer:
        return NoAnswer(
            f"{self._host} did not answer within {self._timeout:g} seconds",
            "try again later, wait longer with --timeout, or ask for smaller pages with --page-size",
            passing=True,
        )

    def _broken(self, error: httpx.HTTPError) -> NoAnswer:
        """Say in our own words what httpx raised."""
        if isinstance(error, httpx.TimeoutException):
            return self._too_slow()
        causes = list(_causes(error))
        if tls := next((cause for cause in causes if isinstance(cause, ssl.SSLError)), None):
            reason = getattr(tls, "verify_message", "") or str(tls.reason or "").replace("_", " ").lower()
            return NoAnswer(
                f"no safe connection to {self._host} can be made" + (f": {reason}" if reason else ""),
                "check --base-url; where a proxy opens connections, name its certificates in SSL_CERT_FILE",
            )
        if isinstance(error, httpx.ProxyError):
            message = f"the proxy does not let the call to {self._host} through"
            return NoAnswer(message, "check HTTPS_PROXY, ALL_PROXY and NO_PROXY")
        if isinstance(error, httpx.ConnectError):
            reason = next((cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror), "")
            message = f"{self._host} cannot be reached" + (f": {reason}" if reason else "")
            return NoAnswer(message, "check the network, HTTPS_PROXY and --base-url", passing=True)
        return NoAnswer(f"the connection to {self._host} broke off", "try again later", passing=True)

    def _judge(self, response: httpx.Response, body: bytes) -> dict[str, Any] | NoAnswer:
        if response.is_redirect:
            return self._redirect(response)
        reading = read(body, "answer.json", LIMITS)
        data = reading.documents[0].data if reading.documents else None
        if isinstance(data, dict) and isinstance(data.get("error"), dict):
            return self._refused(data["error"], response)
        if isinstance(data, dict) and response.status_code == httpx.codes.OK:
            return data
        return self._no_answer(
            response, reading.troubles[0].message if reading.troubles else "it is no answer of Meta's"
        )

    def _redirect(self, response: httpx.Response) -> NoAnswer:
        try:
            host = urlsplit(response.headers.get("location", "")).hostname or self._host
        except ValueError:
            host = "another host"
        return NoAnswer(
            f"{self._host} sends the call on to {self.hide(host)}, which is not followed: the token would go there",
            "check --base-url; a network that wants you to log in first does this, too",
        )

    def _refused(self, error: Mapping[str, Any], response: httpx.Response) -> NoAnswer:
        code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
        said = self.hide(str(error.get("message", "")))
        trace = self.hide(str(error.get("fbtrace_id", "")))[:64]
        meaning = explain(code, subcode, said)
        shown = cut(said, _SHOWN)
        codes = (
            ("no code" if code is None else f"code {code}")
            + ("" if subcode is None else f"/{subcode}")
            + (f", fbtrace_id {trace}" if trace else "")
        )
        fails = response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR
        crowded = limits_rate(code) or response.status_code == httpx.codes.TOO_MANY_REQUESTS
        return meaning._replace(
            message=f'{meaning.message}. Meta says: "{shown}" ({codes})',
            passing=not wants_less(said) and (meaning.passing or crowded or fails or error.get("is_transient") is True),
            pause=self._pause(response.headers) if crowded or fails else 0.0,
            code=code,
            said=said,
        )

    def _no_answer(self, response: httpx.Response, why: str) -> NoAnswer:
        status = response.status_code
        if status == httpx.codes.TOO_MANY_REQUESTS:
            return too_many_calls()._replace(pause=self._pause(response.headers))
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            pause = self._pause(response.headers)
            return NoAnswer(f"{self._host} fails (HTTP {status})", "try again later", passing=True, pause=pause)
        kind = response.headers.get("content-type", "").partition(";")[0].strip()
        if status == httpx.codes.OK and kind in _JSON:
            message = f"the answer of {self._host} is broken: {self.hide(why)}"
            return NoAnswer(message, "try again later", passing=True)
        shown = f"HTTP {status}" + (f", {self.hide(kind)}" if kind else "")
        return NoAnswer(
            f"what {self._host} answers is none of Meta's answers ({shown})",
            "check --base-url; a proxy, or a network that wants you to log in first, may have answered",
        )

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
            self.tell(f"{used:.0f} % of the calls that Meta allows within an hour are used up")


class _Line:
    """The connection that is in use, for one who has waited long enough: httpx bounds the wait for each byte, and not for all.

    It is held by a copy of its socket, since the original goes away when TLS is laid over it.
    """

    def __init__(self) -> None:
        self._socket: socket | None = None

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Take note of a connection that is made, as httpx tells whoever traces a question."""
        if event.endswith("connect_tcp.complete"):
            made = info["return_value"].get_extra_info("socket")
            self.close()
            self._socket = made.dup() if isinstance(made, socket) else None

    def cut(self) -> None:
        """End it for both sides."""
        line = self._socket  # which another thread may forget meanwhile
        if line is not None:
            with suppress(OSError):  # it has ended already
                line.shutdown(SHUT_RDWR)

    def close(self) -> None:
        """Forget it."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class _Bounded(httpx.SyncByteStream):
    """What comes in, packed as it is, as long as there is time: of a trickle nothing may ever be unpacked."""

    def __init__(self, stream: Any, end: float) -> None:
        self._stream = stream
        self._end = end

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            if monotonic() > self._end:
                raise httpx.ReadTimeout("")
            yield chunk
        if monotonic() > self._end:  # what was cut looks as if it had ended
            raise httpx.ReadTimeout("")

    def close(self) -> None:
        self._stream.close()


def _body(response: httpx.Response) -> bytes:
    """The body, as far as it is worth reading."""
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MOST_BYTES:
            break
    return bytes(body)


def _check_base_url(url: str) -> tuple[str, str]:
    """The URL without a slash at its end, and its host. Raises WrongUseError."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        sound = parts.scheme in ("http", "https") and bool(host) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or parts.query or parts.fragment or "@" in parts.netloc:
        # Not shown: it may hold a password.
        raise WrongUseError("--base-url is no plain address of a server", "write it like https://graph.facebook.com")
    if parts.scheme != "https" and not _is_local(host):
        message = "--base-url does not begin with https://, so the token would travel in the open"
        raise WrongUseError(message, "write https://; only this machine itself may be asked without")
    return url.rstrip("/"), host


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _client(token: Token, timeout: float, *, trust_environment: bool) -> httpx.Client:
    """A client that follows no redirect. A call to this machine takes no proxy, which would see the token in the open."""
    headers = {"Accept": "application/json", "User-Agent": f"wa-policy/{__version__}", **token.headers()}
    try:
        return httpx.Client(headers=headers, timeout=timeout, follow_redirects=False, trust_env=trust_environment)
    except (ImportError, OSError, ValueError, httpx.InvalidURL):
        pass  # not passed on: what they say may hold the password of a proxy
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
    """What Meta's headers say of how much of the allowance is used up, by app and by business."""
    for name in ("x-app-usage", "x-business-use-case-usage"):
        try:
            usage = json.loads(headers.get(name, "{}"))
        except (ValueError, RecursionError):
            continue
        for entry in [usage, *(usage.values() if isinstance(usage, dict) else ())]:
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
