"""Plugins found, loaded through pluggy, and held to account: what failed to load is said, never lost."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout, suppress
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pluggy

from wa_policy.policy.model import Fact
from wa_policy.records import NamedTuple
from wa_policy.rules import hookspecs
from wa_policy.rules.entry_points import EntryPoint, find
from wa_policy.rules.registry import Rule, RuleError, contradicted, show_traceback, words_of
from wa_policy.source import git

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wa_policy.evidence.provider import TemplateReader
    from wa_policy.source.spans import Route

BUNDLED = "wa_policy"
"""The package whose entry points are the bundled rules."""

_MOST_BYTES = 4 * 1024 * 1024
"""How large a plugin in a commit may be."""


class PluginError(Exception):
    """What is wrong with a plugin, in words of our own."""


class Plugin(NamedTuple):
    """A plugin and what became of it; ``trouble`` is empty when it loaded."""

    name: str
    module: str
    package: str
    version: str
    codes: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def bundled(self) -> bool:
        """Whether it comes with wa-policy itself."""
        return self.package == BUNDLED


class Loaded(NamedTuple):
    """All rules by code, sorted; every plugin with its fate, and what reads providers' lists of templates."""

    rules: dict[str, Rule]
    plugins: tuple[Plugin, ...]
    read_templates: TemplateReader
    third_party: bool = True
    """Whether plugins of installed packages were asked for."""

    @property
    def troubles(self) -> list[Plugin]:
        """The plugins that did not load."""
        return [plugin for plugin in self.plugins if plugin.trouble]


@contextmanager
def aside() -> Iterator[None]:
    """While plugins run: what they print goes to standard error, since a program may read what is on standard output.

    So does what goes past Python, or comes of a process that they start. Whatever they close, our streams stay open.
    """
    kept: Any = _Kept(sys.stderr)
    with redirect_stdout(kept), redirect_stderr(kept), _descriptor_aside():
        yield


class _Kept:
    """A stream, but for closing it."""

    __slots__ = ("_stream",)

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def close(self) -> None:
        """Do nothing that others would miss."""
        self._stream.flush()


@contextmanager
def _descriptor_aside() -> Iterator[None]:
    """Let standard output lead where standard error does."""
    said = sys.__stdout__
    _flush(said)
    saved = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        _flush(said)  # what a plugin wrote past sys.stdout, which would stand in the report else
        os.dup2(saved, 1)
        os.close(saved)


def _flush(stream: Any) -> None:
    with suppress(OSError, ValueError, AttributeError):  # nobody reads it, it is closed, or there is none
        stream.flush()


@contextmanager
def unmoved() -> Iterator[None]:
    """While a plugin runs: wherever it goes, we are in the same folder afterwards, from which paths are told."""
    try:
        here = os.getcwd()
    except FileNotFoundError:  # it was removed before, which is told where a path is asked for
        here = ""
    try:
        yield
    finally:
        if here:
            os.chdir(here)


class _Manager(pluggy.PluginManager):
    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        """Ask pluggy about what is marked only: what it does with each other name of a module takes half of a start."""
        marks = getattr(vars(plugin).get(name), "__dict__", ())
        return super().parse_hookimpl_opts(plugin, name) if f"{hookspecs.PROJECT}_impl" in marks else None


def installed(*, third_party: bool = True) -> list[EntryPoint]:
    """The plugins that installed packages offer, our own first, so that nobody takes their codes."""
    found = [entry for entry in find() if third_party or entry.package == BUNDLED]
    return sorted(found, key=lambda entry: entry.package != BUNDLED)


def load(extra: Iterable[str] = (), *, third_party: bool = True, found: Sequence[EntryPoint] | None = None) -> Loaded:
    """Load the bundled rules, plugins of installed packages (unless ``third_party`` is false), then modules or files named.

    A module, file or ``git:REF:PATH`` is code that runs: it is loaded only because the person at the command line named it.
    Each is loaded once, also where it is both installed and named. ``found`` is what ``installed`` found, for those who looked
    before.
    """
    found = installed(third_party=third_party) if found is None else found
    manager = _Manager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    rules: dict[str, Rule] = {}
    plugins = [_load_one(manager, entry, rules) for entry in found]
    known = {entry.module for entry in found}  # what is installed, or named once more, is there already
    named = [name for name in dict.fromkeys(extra) if name not in known]
    plugins += [_load_one(manager, EntryPoint(name, name, "", ""), rules) for name in named]
    ordered = {code: rules[code] for code in sorted(rules)}
    return Loaded(ordered, tuple(plugins), _reader(manager), third_party)


def _reader(manager: pluggy.PluginManager) -> TemplateReader:
    def read(*, provider: str, answer: Any) -> Iterable[tuple[Route, Mapping[str, Any]]] | None:
        with unmoved():
            found = manager.hook.wa_policy_read_templates(provider=provider, answer=answer)
            return None if found is None else list(found)  # here, since it may be a generator

    return read


def _load_one(manager: pluggy.PluginManager, entry: EntryPoint, rules: dict[str, Rule]) -> Plugin:
    with nullcontext() if entry.package == BUNDLED else unmoved():
        return _try_to_load(manager, entry, rules)


def _try_to_load(manager: pluggy.PluginManager, entry: EntryPoint, rules: dict[str, Rule]) -> Plugin:
    plugin = Plugin(entry.name, entry.module, entry.package, entry.version)
    try:
        module = _import(entry.module)
        name = f"{entry.package}:{entry.name}"
        _refuse_registered(manager, module, name)
        manager.register(module, name=name)
        try:
            manager.check_pending()
            offered = _offered(manager, module)
            _refuse_taken(offered, rules)
            if not plugin.bundled:  # of ours, a test knows
                _refuse_facts(offered)
        except (Exception, SystemExit):
            manager.unregister(module)  # none of its other hooks may be asked either
            raise
        rules.update({rule.code: rule._replace(plugin=entry.name) for rule in offered})
    except (PluginError, RuleError) as error:
        return _failed(plugin, str(error))
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever a plugin does while it loads must not end the run
        show_traceback(error)
        return _failed(plugin, words_of(error))
    version = plugin.version or str(getattr(module, "__version__", ""))
    return plugin._replace(codes=tuple(sorted(rule.code for rule in offered)), version=version)


def _failed(plugin: Plugin, trouble: str) -> Plugin:
    """A plugin that did not load, and why. What was named as one may be a token in the wrong place."""
    from wa_policy.manifest.secrets import mask_text  # most runs have no such plugin

    return plugin._replace(name=mask_text(plugin.name), module=mask_text(plugin.module), trouble=mask_text(trouble))


def _refuse_registered(manager: pluggy.PluginManager, module: ModuleType, name: str) -> None:
    """Pluggy refuses it as well, with a text that holds every plugin of the machine and where it lies."""
    if known := manager.get_name(module):
        already = f"it is the module that the plugin {_called(known)} has registered already"
        raise PluginError(f"{already}; keep one entry point for it")
    if manager.has_plugin(name):
        raise PluginError(f"another plugin is called {_called(name)} already; give it a name of its own")


def _called(registered: str) -> str:
    package, _, name = registered.partition(":")
    return f"{name} of {package}" if package else name


def _offered(manager: pluggy.PluginManager, module: ModuleType) -> list[Rule]:
    others = [plugin for plugin in manager.get_plugins() if plugin is not module]
    hook = manager.subset_hook_caller("wa_policy_rules", remove_plugins=others)
    if not hook.get_hookimpls():
        if manager.get_hookcallers(module):
            return []  # it offers something else than rules
        raise PluginError("it has no function wa_policy_rules under @hookimpl, so it offers nothing")
    offered = [rule for answer in hook() for rule in answer]
    for rule in offered:
        if not isinstance(rule, Rule):
            raise PluginError(f"wa_policy_rules offers {rule!r}, which is no rule: return rules_in(__name__)")
    if not offered:
        raise PluginError("wa_policy_rules offers no rule: return rules_in(__name__)")
    return offered


def _refuse_taken(offered: Iterable[Rule], rules: dict[str, Rule]) -> None:
    """A code or a name means one rule: of two, one would be lost, or weighed in the other's stead."""
    owners = {word: rule.plugin for rule in rules.values() for word in (rule.code, rule.name)}
    for rule in offered:
        for word in (rule.code, rule.name):
            if owner := owners.get(word):
                raise PluginError(f"it declares {word}, which {owner} declares already")
            owners[word] = "another of its rules"


def _refuse_facts(offered: Iterable[Rule]) -> None:
    """A rule stands on bundled facts: one that there is not, or that is of another type, could be no setting of it."""
    asked = [(rule, *item) for rule in offered for item in rule.settings.items() if isinstance(item[1], Fact)]
    if not asked:
        return
    from wa_policy.policy.facts import Bundled, look_up  # most plugins do without
    from wa_policy.schema.words import described

    facts = Bundled()
    for rule, setting, fact in asked:
        try:
            value = look_up(fact.path, facts)
        except LookupError as error:
            raise PluginError(f'rule {rule.code} asks for the fact "{fact.path}", and {error}') from None
        if kind := contradicted(rule.function, setting, value):
            found = described(value, hidden=False)
            raise PluginError(
                f'rule {rule.code} gives {setting}, which is {kind}, the fact "{fact.path}": that is {found}'
            )


def _import(module: str) -> ModuleType:
    if module.startswith(git.PREFIX):
        return _import_from_git(module)
    if not module.endswith(".py") and os.sep not in module and "/" not in module:
        return importlib.import_module(module)
    path = os.path.abspath(module)
    name = f"wa_policy_plugin_{os.path.splitext(os.path.basename(path))[0]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if not os.path.isfile(path):
        raise PluginError(f"there is no file {module}")
    if spec is None or spec.loader is None:
        raise PluginError(f"{module} is no file of Python")
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[name] = loaded
    spec.loader.exec_module(loaded)
    return loaded


def _import_from_git(reference: str) -> ModuleType:
    """A plugin as a commit has it, so that a gate need not run what a pull request brings."""
    if not reference.endswith(".py"):
        raise PluginError("it is no file of Python")  # as beside a commit, and what looks like data is not run
    try:
        file = git.parse(reference)
        content = git.read(file, _MOST_BYTES)
    except git.GitError as error:
        raise PluginError(str(error)) from None
    name = f"wa_policy_plugin_{os.path.splitext(os.path.basename(file.path))[0]}"
    loaded = ModuleType(name)
    sys.modules[name] = loaded
    exec(compile(content, reference, "exec", dont_inherit=True), vars(loaded))  # noqa: S102  # what was named runs, as a file would
    return loaded
