"""``wa-policy init``: write a first manifest."""

from __future__ import annotations

import os
import sys
import textwrap
from typing import TYPE_CHECKING

from wa_policy.cli import options
from wa_policy.cli.init_evidence import Found, read_evidence
from wa_policy.engine.session import UsageError
from wa_policy.evidence.match import digits_of
from wa_policy.manifest.first import Evidence, First, Number, write
from wa_policy.manifest.first_answers import (
    REQUIRED,
    ROUTES,
    about,
    complaint,
    is_native,
    normalize,
    providers,
    question,
)
from wa_policy.report.safe import visible
from wa_policy.source.paths import as_word, is_inside, shortest
from wa_policy.source.replace import create, replace
from wa_policy.source.walk import root_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence
    from typing import TextIO

SEVERAL = ("owner", "number")
DEFAULTS = {"environment": "draft"}

EPILOG = """On a terminal, what no option says is asked for. Elsewhere nothing is asked, and what is missing is named.

examples:
  wa-policy init
  wa-policy init manifests/acme.yaml --from-evidence manifests/evidence/acme
  wa-policy init --name acme-retail-in --workspace-id ACME1RETAIL2IN3 --data-center DC-03 --provider gupshup \\
    --waba-id 102290129340398 --number "+91 80 4718 1888"

exit codes: 0 written; 2 wrong use, nothing was written
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        "out",
        nargs="?",
        type=options.named,
        metavar="FILE",
        help="the manifest to write; default: its name with .yaml, here",
    )
    parser.add_argument(
        "--from-evidence",
        type=options.named,
        metavar="FOLDER",
        help="a folder that `wa-policy snapshot` has written: the account and its numbers are taken from there",
    )
    for field in ROUTES:
        parser.add_argument(
            f"--{field.replace('_', '-')}",
            dest=field,
            action="append",
            default=[],
            metavar=field.rpartition("_")[2].upper(),
            help=_help(field),
        )
    parser.add_argument("--force", action="store_true", help="write over a file that is there")


def run(parsed: argparse.Namespace) -> int:
    """Gather what is known, ask for the rest if there is somebody to ask, and write."""
    if parsed.out:
        _check_out(parsed.out, force=parsed.force)  # before anybody is asked, as far as it is known by then
    given = {field: list(getattr(parsed, field)) for field in ROUTES}
    found = read_evidence(parsed.from_evidence) if parsed.from_evidence else Found()
    _check_reach(parsed.from_evidence, found, parsed.out or os.curdir)
    _check_given(given, found)
    if given["name"]:
        _check_out(_out(parsed, given), force=parsed.force)
    if sys.stdin.isatty() and sys.stderr.isatty():
        _ask_for_rest(given, parsed, sys.stdin, sys.stderr)
    else:
        _check_complete(given)
    out = _out(parsed, given)
    _check_out(out, force=parsed.force)
    _save(out, write(_first(given, found, out)), force=parsed.force)
    print(f"{visible(out)} is written. See what is wrong with it, and what is still to be found out:", file=sys.stderr)
    print(f"wa-policy lint --policy draft {visible(as_word(out))}")
    return 0


# Options ------------------------------------------------------------------------------------------------------------


def _help(field: str) -> str:
    sentence = question(field).partition(". ")[0].removesuffix(".")
    text = f"{sentence[:1].lower()}{sentence[1:]}"
    if field in DEFAULTS:
        text += f"; default: {DEFAULTS[field]}"
    return f"{text} (may be repeated)" if field in SEVERAL else text


def _check_given(given: dict[str, list[str]], found: Found) -> None:
    """Normalize what options and evidence say. Raises UsageError with all that is wrong with it."""
    wrong = []
    for field, texts in given.items():
        if len(texts) > 1 and field not in SEVERAL:
            wrong.append(f"{_option(field)}: given {len(texts)} times")
        texts[:] = [normalize(field, text) for text in texts]
    for field, texts in given.items():
        wrong += [f"{_option(field)}: {reason}" for reason in _complaints(field, texts, given)]
    wrong += _disagreements(given, found)
    if wrong:
        raise UsageError("no manifest was written", *(f"  {reason}" for reason in wrong))
    if found.waba_id:
        given["waba_id"] = [found.waba_id]
    given["number"] = given["number"] or [number.number for number in found.numbers]


def _disagreements(given: Mapping[str, list[str]], found: Found) -> list[str]:
    wrong = []
    if found.waba_id and given["waba_id"] not in ([], [found.waba_id]):
        wrong.append(f"--waba-id: the evidence is about another WABA, {found.waba_id}")
    if found.numbers:
        known = {digits_of(number.number) for number in found.numbers}
        strange = [text for text in given["number"] if digits_of(text) not in known]
        wrong += [f"--number: the evidence has no {text}" for text in strange]
    return wrong


def _check_complete(given: dict[str, list[str]]) -> None:
    """Fill in what has a default. Raises UsageError for what is missing, since nobody is there to be asked."""
    for field, default in DEFAULTS.items():
        given[field] = given[field] or [default]
    if missing := [field for field in REQUIRED if not given[field]]:
        lines = [f"  {_option(field)}: {question(field)}" for field in missing]
        raise UsageError("no manifest was written: these are missing, and nobody is here to be asked", *lines)


def _out(parsed: argparse.Namespace, given: Mapping[str, list[str]]) -> str:
    """The file to write, once the workspace has a name."""
    return parsed.out or f"{given['name'][0]}.yaml"


def _check_out(path: str, *, force: bool) -> None:
    if not path.lower().endswith((".yaml", ".yml")):
        raise UsageError(f"{path}: a manifest that is begun here is YAML; let its name end in .yaml")
    folder = os.path.dirname(path) or os.curdir
    if not os.path.isdir(folder):
        raise UsageError(f"{path}: there is no folder {folder}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"{path}: nothing may be written into the folder {folder}")
    if os.path.isdir(path):
        raise UsageError(f"{path}: this is a folder")
    if os.path.exists(path) and not os.path.isfile(path):
        raise UsageError(f"{path}: this is no file")
    if os.path.lexists(path) and not force:
        raise UsageError(f"{path}: this file is there already, and was left as it is; --force writes over it")


def _check_reach(folder: str, found: Found, out: str) -> None:
    """Raise UsageError for evidence where the lint that is printed in the end would not read it."""
    top = root_of(out)
    if not all(is_inside(os.path.realpath(path), top) for path in found.files.values()):
        raise UsageError(
            f"{folder}: evidence is read only where it lies in the folder that is checked, which would be {shortest(top)}",
            "  move it there, or begin the manifest from a folder that holds both",
        )


def _complaints(field: str, texts: Sequence[str], given: Mapping[str, list[str]]) -> list[str]:
    """What is wrong with normalized answers, for as much as is known of the others."""
    provider, integration = _one(given, "provider"), _one(given, "integration")
    said = [complaint(field, text, provider=provider, integration=integration) for text in texts]
    digits = [digits_of(text) for text in texts]
    if field == "number" and len(set(digits)) < len(digits):
        said.append("a number is there twice")
    return [reason for reason in said if reason]


def _one(given: Mapping[str, list[str]], field: str) -> str:
    return given[field][0] if given[field] else ""


def _option(field: str) -> str:
    return f"--{field.replace('_', '-')}"


# Questions ----------------------------------------------------------------------------------------------------------


def _ask_for_rest(given: dict[str, list[str]], parsed: argparse.Namespace, reader: TextIO, writer: TextIO) -> None:
    """Ask for every field that nothing is known of, each answer checked before the next question."""
    for field in ROUTES:
        if given[field] or (field == "integration" and is_native(_one(given, "provider"))):
            continue
        given[field] = _ask(field, given, reader, writer)
        if field == "name" and not parsed.out:
            _check_out(_out(parsed, given), force=parsed.force)


def _ask(field: str, given: Mapping[str, list[str]], reader: TextIO, writer: TextIO) -> list[str]:
    """Ask until there is an answer that can stand in a manifest; none where the field may be left out."""
    needed = field in REQUIRED or (field == "integration" and _one(given, "provider") not in providers())
    default = _name_of_folder() if field == "name" else DEFAULTS.get(field, "")
    hint = f"[{default}] " if default else "" if needed else "[skip] "
    text = f"{about(field)['title']}. {question(field)}" + (" Several: with commas." if field in SEVERAL else "")
    writer.write("\n" + _wrap(text, ""))
    refused: list[str] = []
    while True:
        texts = _answer(f"{hint}> ", field, reader, writer) or ([default] if default else [])
        if not texts and not needed:
            return []
        reasons = _complaints(field, texts, given) if texts else ["this is needed"]
        insisted = bool(texts) and texts == refused and _may_be_so(field, texts[0])
        if not reasons or insisted:
            return texts
        refused = texts
        if texts and _may_be_so(field, texts[0]):
            reasons.append("if it is called so, write it again")
        writer.writelines(_wrap(visible(reason), "  ") for reason in reasons)


def _wrap(text: str, pad: str) -> str:
    return textwrap.fill(text, 100, initial_indent=pad, subsequent_indent=pad, break_on_hyphens=False) + "\n"


def _answer(prompt: str, field: str, reader: TextIO, writer: TextIO) -> list[str]:
    writer.write(prompt)
    writer.flush()
    line = reader.readline()
    if not line.endswith("\n"):
        raise UsageError("the answers ended before the questions did; no manifest was written")
    return [normalize(field, text) for text in (line.split(",") if field in SEVERAL else [line]) if text.strip()]


def _may_be_so(field: str, text: str) -> bool:
    """Whether nothing is wrong with a provider but that nobody here knows it: it can still be reached, in another way."""
    return field == "provider" and not complaint(field, text, integration="generic")


def _name_of_folder() -> str:
    name = os.path.basename(os.getcwd())
    return "" if complaint("name", name) else name


# The file -----------------------------------------------------------------------------------------------------------


def _first(given: Mapping[str, list[str]], found: Found, out: str) -> First:
    known = {digits_of(number.number): number for number in found.numbers}
    provider = _one(given, "provider")
    folder = os.path.dirname(out) or os.curdir
    paths = {key: os.path.relpath(path, folder).replace(os.sep, "/") for key, path in found.files.items()}
    return First(
        name=_one(given, "name"),
        environment=_one(given, "environment"),
        workspace_id=_one(given, "workspace_id"),
        data_center=_one(given, "data_center"),
        provider=provider,
        waba_id=_one(given, "waba_id"),
        numbers=[known.get(digits_of(text), Number(text)) for text in given["number"]],
        legal_entity=_one(given, "legal_entity"),
        owners=given["owner"],
        integration=_one(given, "integration") or ("native" if is_native(provider) else ""),
        sender_name=_one(given, "sender_name"),
        waba_name=found.waba_name,
        evidence=Evidence(paths, found.observed_at) if paths else None,
    )


def _save(path: str, text: str, *, force: bool) -> None:
    try:
        (replace if force else create)(path, text.encode())
    except OSError as error:
        reason = error.strerror
    else:
        return
    raise UsageError(f"{path} cannot be written: {reason}")
