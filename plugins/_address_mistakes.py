"""What people write into lists of addresses that is neither an address nor a network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wa_policy.api import addresses
from wa_policy.plugins._wording import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def explain(text: str) -> tuple[str, str]:
    """What a text is that is not an address or network, and what to write instead."""
    for what, pattern, rewrite in _MISTAKES:
        match = re.fullmatch(pattern, text, re.ASCII)
        meant = rewrite(match) if match else None
        if meant is not None:
            return what, f"write {meant} instead" if meant else "write the addresses themselves, one per entry"
    return "neither an address nor a network", "write one address or one network per entry, as 3.6.251.95/32"


def meant_by(text: str) -> str:
    """The one address or network that a text stands for; an empty string where that could be several, or none."""
    for _, pattern, rewrite in _MISTAKES:
        match = re.fullmatch(pattern, text, re.ASCII)
        meant = rewrite(match) if match else None
        if meant is not None:
            return meant if meant and addresses.read_blocks((meant,))[0] else ""
    return ""


def _valid(*texts: str, joint: str = "and") -> str | None:
    """The texts, joined, if each is an address or a network; not if they are too many to be read."""
    if not all(addresses.read_blocks(texts)):
        return None
    return listed(texts, joint) if len(texts) <= _LONGEST_LIST else ""


def _loose(text: str) -> str | None:
    from ipaddress import ip_network

    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        return None


def _split(match: re.Match[str]) -> str | None:
    return _valid(*re.findall(r"[^\s,;]+", match[0]))


def _wildcard(match: re.Match[str]) -> str | None:
    known = match[1].rstrip(".").split(".")
    return _valid(".".join(known + ["0"] * (4 - len(known))) + f"/{8 * len(known)}") if len(known) < 4 else None


def _range(match: re.Match[str]) -> str | None:
    from ipaddress import ip_address, summarize_address_range

    first, last = match[1], match[2]
    if last.isdigit():
        last = f"{first.rpartition('.')[0]}.{last}"
    try:
        networks = [str(network) for network in summarize_address_range(ip_address(first), ip_address(last))]
    except (TypeError, ValueError):
        return None
    return listed(networks) if len(networks) <= _LONGEST_LIST else ""


def _host_bits(match: re.Match[str]) -> str | None:
    network = _loose(match[0])
    single = f"{match[1]}/{128 if ':' in match[1] else 32}"
    return _valid(single, network, joint="or") if network else None


def _no_leading_zeros(match: re.Match[str]) -> str | None:
    return _valid(re.sub(r"\b0+(?=[0-9])", "", match[0]))


_LONGEST_LIST = 6

# What people write into lists of addresses, in the order of trying: what it is, its pattern, and what to write instead,
# which is empty where that cannot be known, and None where the text is something else after all.
_MISTAKES: Sequence[tuple[str, str, Callable[[re.Match[str]], str | None]]] = (
    ("an address with blanks around it", r"(?s)\s.*|.*\s", lambda match: _valid(match[0].strip())),
    ("a range", r"([0-9A-Fa-f.:]+)\s*-\s*([0-9A-Fa-f.:]+)", _range),
    ("a wildcard", r"((?:[0-9]{1,3}\.){1,3})\*(?:\.\*)*", _wildcard),
    ("more than one address", r"[^\s,;]+(?:[\s,;]+[^\s,;]+)+[\s,;]*", _split),
    ("an address with a zone", r"([0-9A-Fa-f:.]+)%[^/]*(/[0-9]+)?", lambda match: _valid(match[1] + (match[2] or ""))),
    ("a URL", r"[A-Za-z][A-Za-z0-9+.-]*://.*", lambda _match: ""),
    ("an address with a port", r"([0-9.]+):[0-9]+", lambda match: _valid(match[1])),
    ("an address in brackets", r"\[([^\]]+)\](?::[0-9]+)?", lambda match: _valid(match[1])),
    ("a network with a dotted mask", r"[0-9.]+/[0-9]+(?:\.[0-9]+){3}", lambda match: _loose(match[0])),
    ("a network whose address is not its first", r"([^/]+)/[0-9]+", _host_bits),
    ("an address with leading zeros", r"[0-9]+(?:\.[0-9]+){3}(?:/[0-9]+)?", _no_leading_zeros),
    ("a host name", r"(?=.*[A-Za-z])[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+\.?", lambda _match: ""),
)
