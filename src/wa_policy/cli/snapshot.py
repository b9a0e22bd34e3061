"""``wa-policy snapshot``: fetch from Meta what proves a manifest."""

from __future__ import annotations

import argparse
import os
import re
import sys

from wa_policy.cli import options
from wa_policy.cli.complaints import tell_failure
from wa_policy.cli.progress import Pages
from wa_policy.engine.session import UsageError
from wa_policy.evidence.graph_errors import SnapshotError, WrongUseError, wants_token
from wa_policy.evidence.snapshot import API_VERSION, BASE_URL, PAGE_SIZE, PARTS, TIMEOUT, Snapshot, fetch
from wa_policy.report.safe import visible
from wa_policy.source.yaml_emit import scalar

TOKEN_ENV = "WA_POLICY_GRAPH_TOKEN"  # noqa: S105  # the name of a variable, not what is in it
INSTALL = "python -m pip install 'wa-policy[snapshot]'"

EPILOG = f"""The access token is read from an environment variable. It needs the permission whatsapp_business_management.
Nothing is changed at Meta. What has to be installed besides: {INSTALL}

examples:
  wa-policy snapshot graph --waba-id 102290129340398 --out manifests/evidence/acme
  wa-policy snapshot graph --waba-id 102290129340398 --out evidence --token-env ACME_META_TOKEN --api-version v25.0

exit codes: 0 fetched and written; 2 wrong use, nobody was asked; 3 no usable answer, nothing was written
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("source", choices=("graph",), metavar="SOURCE", help="graph: Meta's Graph API")
    parser.add_argument(
        "--waba-id",
        required=True,
        type=_waba_id,
        metavar="ID",
        help="the id of the WhatsApp Business Account",
    )
    files = ", ".join(part.file for part in PARTS)
    parser.add_argument(
        "--out", required=True, type=options.named, metavar="FOLDER", help=f"the folder to write {files} into"
    )
    parser.add_argument(
        "--token-env",
        default=TOKEN_ENV,
        type=_variable,
        metavar="NAME",
        help=f"the environment variable that holds the access token; default: {TOKEN_ENV}",
    )
    parser.add_argument(
        "--api-version",
        default=API_VERSION,
        type=_version,
        metavar="VERSION",
        help=f"the version of the API to ask; default: {API_VERSION}",
    )
    parser.add_argument("--base-url", default=BASE_URL, metavar="URL", help=f"the server to ask; default: {BASE_URL}")
    parser.add_argument(
        "--timeout",
        default=TIMEOUT,
        type=_seconds,
        metavar="SECONDS",
        help=f"how long one answer may take, once its host is found; default: {TIMEOUT:g}",
    )
    parser.add_argument(
        "--page-size",
        default=PAGE_SIZE,
        type=_count,
        metavar="NUMBER",
        help=f"how many templates or numbers to ask for at once; default: {PAGE_SIZE}",
    )


def run(parsed: argparse.Namespace) -> int:
    """Fetch everything, write the files, print what goes into the manifest."""
    _need_httpx()
    try:
        snapshot = _fetch_and_write(parsed)
    except SnapshotError as error:
        return tell_failure([(error.message, error.remedy)], error.exit_code)
    print(f"{visible(parsed.out)} is written. For the manifest, with paths relative to it:", file=sys.stderr)
    print("\n".join(_block(parsed.out, snapshot)))
    return 0


def _fetch_and_write(parsed: argparse.Namespace) -> Snapshot:
    from wa_policy.evidence.graph_api import GraphApi, Token
    from wa_policy.evidence.keep import check_folder, write

    value = os.environ.get(parsed.token_env, "")
    if not value.strip():
        raise WrongUseError(f"the environment variable {parsed.token_env} holds no access token", wants_token())
    check_folder(parsed.out, [part.file for part in PARTS])
    with (
        Pages(sys.stderr) as bar,
        GraphApi(
            Token(value),
            base_url=parsed.base_url,
            api_version=parsed.api_version,
            timeout=parsed.timeout,
            tell=lambda text: bar.say(visible(text)),
        ) as api,
    ):
        snapshot = fetch(api, parsed.waba_id, parsed.page_size, bar)
    write(parsed.out, snapshot.files)
    return snapshot


def _need_httpx() -> None:
    from importlib.util import find_spec

    if find_spec("httpx") is None:
        raise UsageError(f"fetching needs httpx, which is not installed; install it: {INSTALL}")


def _block(folder: str, snapshot: Snapshot) -> list[str]:
    paths = {part.key: os.path.normpath(os.path.join(folder, part.file)).replace(os.sep, "/") for part in PARTS}
    lines = [f"    {key}: {scalar(path)}" for key, path in paths.items()]
    return ["evidence:", "  graph:", *lines, f"    observed_at: {snapshot.fetched_at}"]


# Values are not repeated where they are wrong: a token may have been put into the wrong place.


def _waba_id(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,32}", text):
        raise argparse.ArgumentTypeError("this is no id of a WABA, which has digits only; WhatsApp Manager shows it")
    return text


def _variable(text: str) -> str:
    if text.startswith("EAA") or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,63}", text):
        raise argparse.ArgumentTypeError(
            "this is no name of an environment variable. If it is the access token itself, take it for known to others: revoke "
            "it, put a new one into a variable, and name that"
        )
    return text


def _version(text: str) -> str:
    if not re.fullmatch(r"v[0-9]{1,3}\.[0-9]", text):
        raise argparse.ArgumentTypeError(f"this is no version of the API; write it like {API_VERSION}")
    return text


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", text) or not float(text):
        raise argparse.ArgumentTypeError("this is no number of seconds over 0")
    return float(text)


def _count(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,3}", text):
        raise argparse.ArgumentTypeError("this is no whole number from 1 to 9999")
    return int(text)
