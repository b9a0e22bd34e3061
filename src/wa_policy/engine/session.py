"""What stays the same over a run: the rules that are loaded, the policy that weighs them, and the date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wa_policy.engine.check import Plan
from wa_policy.manifest.secrets import mask_text
from wa_policy.policy import store
from wa_policy.policy.model import DEFAULT_PACK, PolicyError, PolicyProblem
from wa_policy.policy.texts import PolicyText, discover, load_text
from wa_policy.records import NamedTuple
from wa_policy.report.model import LeftOut, Override, PluginUsed, RuleInfo, TurnedOff
from wa_policy.rules.documentation import document as documentation
from wa_policy.rules.entry_points import EntryPoint
from wa_policy.rules.loading import BUNDLED, Loaded, installed, load
from wa_policy.rules.registry import Step
from wa_policy.rules.selection import Selection, UnknownRuleError, select
from wa_policy.source.document import Limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from wa_policy.findings import Outcome, Severity
    from wa_policy.manifest.subjects import Workspace
    from wa_policy.policy.model import Policy, Ruling
    from wa_policy.rules.plugin_code import Code, Read
    from wa_policy.rules.registry import Rule


class UsageError(Exception):
    """A wish that cannot be granted: what is wrong with it, and what to do; each argument is a line of its own."""


class Stdin(NamedTuple):
    """Standard input, or what stands for it: the name that it goes by, and what it holds."""

    path: str
    content: bytes


class Options(NamedTuple):
    """What the person at the command line asks for."""

    as_of: date
    policy: str | None = None
    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    fail_on: Severity | None = None
    plugins: Sequence[str] = ()
    third_party: bool = True
    limits: Limits = Limits()
    stdin: Stdin | None = None
    suppressions: bool = True
    """Whether what manifests and policy accept is to be accepted; else all is reported as if they accepted nothing."""
    baseline: str | None = None
    """A file of findings that were there before, and do not count."""
    verify_digests: bool = False
    """Whether to read the data files that opt-in audits name, and compare them with their digests."""
    cache: bool = False
    """Whether what became of each file is kept for the next run, and taken from the last one."""
    jobs: int | None = 1
    """How many processes check files; None leaves it to their number."""
    overview: bool = False
    """Whether the report is to hold what manifests and evidence say beyond findings."""


class RuleBook:
    """Tells of the rules that ran when it is asked to; equal ones tell the same, so reports can be compared."""

    __slots__ = ("_rules",)

    def __init__(self, rules: tuple[tuple[Rule, Severity], ...]) -> None:
        self._rules = rules

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RuleBook) and self._rules == other._rules

    def __hash__(self) -> int:
        return hash(tuple(rule.code for rule, _ in self._rules))

    def __call__(self) -> tuple[RuleInfo, ...]:
        """The rules by code, with their documentation."""
        return tuple(
            RuleInfo(rule.code, rule.name, rule.step.value, rule.certainty, severity, documentation(rule))
            for rule, severity in self._rules
        )


class Session:
    """Rules, policy and options of one run."""

    def __init__(
        self, loaded: Loaded, policy: Policy, selection: Selection, options: Options, code: Code | None = None
    ) -> None:
        self.loaded = loaded
        self.policy = policy
        self.selection = selection
        self.options = options
        self.code = code
        """What the code of the plugins was like before it was imported; None where there are none, or nothing is kept."""
        self.folders: dict[str, str] = {}
        """The real names of folders, asked for once in a run."""
        self.foreign = frozenset(code for plugin in loaded.plugins if not plugin.bundled for code in plugin.codes)
        """The rules of plugins other than the bundled ones."""
        self._plans: dict[tuple[int, ...], Plan] = {}
        self._plans_across: dict[tuple[tuple[int, ...], ...], Plan] = {}

    @property
    def keeps(self) -> bool:
        """Whether anything is kept of the run: no longer, once a rule has imported code that nobody had looked at before."""
        return self.options.cache and (self.code is None or not self.code.has_grown())

    @property
    def running(self) -> frozenset[str]:
        """The rules that run: not those that the policy turns off, unless an override may turn them on again."""
        return self._weighed & self.selection.reported

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """The rules that would run, had nobody left them out."""
        codes = sorted(self._weighed - self.selection.reported)
        return tuple(LeftOut(code, self.loaded.rules[code].step.value) for code in codes)

    @property
    def _weighed(self) -> frozenset[str]:
        # One override at a time is enough: what decides on a rule where several hold, decides where it holds alone.
        alone = [(), *((index,) for index in range(len(self.policy.overrides)))]
        tables = map(self.policy.rulings_under, alone)
        return frozenset(code for table in tables for code, ruling in table.items() if ruling.fail != "off")

    @property
    def fail_on(self) -> Severity:
        """The mildest severity that fails: as the person asks, else as the policy says."""
        return self.options.fail_on or self.policy.fail_on

    def accepting(self, policy: Policy) -> Session:
        """A session like this one that accepts by name what another policy does."""
        return Session(self.loaded, self.policy.accepting(policy), self.selection, self.options, self.code)

    def code_as_imported(self) -> list[Read] | None:
        """What plugins other than the bundled ones are made of; None where nobody knows, or it is not what was imported."""
        if all(plugin.bundled for plugin in self.loaded.plugins):
            return []
        return None if self.code is None else self.code.still()

    def rule_book(self) -> RuleBook:
        """The rules that run, with what the policy makes of a failure."""
        rulings = self.policy.rulings()
        return RuleBook(tuple((self.loaded.rules[code], rulings[code].fail) for code in sorted(self.running)))

    def plan(self, environment: str = "", workspace: str = "", path: str = "") -> Plan:
        """The rules to run on a manifest, and what the policy makes of each; shared by manifests that it treats alike."""
        held = self.policy.held(environment, workspace, path)
        plan = self._plans.get(held)
        if plan is None:
            plan = self._plans[held] = self._plan_by(self.policy.rulings_under(held), held)
        return plan

    def plan_across(self, held: tuple[int, ...], manifests: Iterable[tuple[int, ...]]) -> Plan:
        """The rules to run on what may be about several manifests: all that are on for one of them, or for what is about none.

        ``manifests`` are the overrides that hold for each of them, ``held`` those that hold for what is about none. Rules that
        are on for the latter have the settings that hold there.
        """
        key = (held, *sorted({*manifests} - {held}))
        plan = self._plans_across.get(key)
        if plan is None:
            rulings = {**self.policy.rulings_under(held)}
            for other in key[1:]:
                for code, ruling in self.policy.rulings_under(other).items():
                    if rulings[code].fail == "off":
                        rulings[code] = ruling
            plan = self._plans_across[key] = self._plan_by(rulings, held)
        return plan

    def _plan_by(self, rulings: Mapping[str, Ruling], held: tuple[int, ...]) -> Plan:
        rules = [self.loaded.rules[code] for code in self.loaded.rules if code in self.selection.run]
        return Plan(rules, rulings, self.options.as_of, self._turned_off(rulings), held, self.foreign)

    def forget_plans(self) -> None:
        """Give rules their settings anew from now on: one has changed its own."""
        self._plans.clear()
        self._plans_across.clear()

    def picture(self, workspace: Workspace, plan: Plan) -> str:
        """All that rules are given, as a text: whoever changes it is found out. Empty where no rule but the bundled ones runs."""
        if not self.foreign:
            return ""
        try:
            return f"{workspace.picture()} {plan.given!r}"
        except Exception as error:  # noqa: BLE001  # a rule may have put anything there, or taken it away
            return f"none: {type(error).__name__}"

    @property
    def plugins(self) -> tuple[PluginUsed, ...]:
        """The plugins other than the bundled ones that loaded."""
        used = (plugin for plugin in self.loaded.plugins if not (plugin.bundled or plugin.trouble))
        return tuple(PluginUsed(plugin.name, plugin.package, plugin.version) for plugin in used)

    @property
    def overrides(self) -> tuple[Override, ...]:
        """The overrides of the policy, as reports name them."""
        return tuple(
            Override(mask_text(override["reason"]), override["path"], override["line"])
            for override in self.policy.overrides
        )

    def let_pass(self, held: tuple[int, ...]) -> tuple[TurnedOff, ...]:
        """What overrides that hold together let pass of the rules that were asked for."""
        found = []
        before, after = self.policy.rulings(), self.policy.rulings_under(held)
        for code in sorted(self.selection.reported):
            outcomes: tuple[Outcome, ...] = ("fail", "unproven")
            for outcome in outcomes:
                if getattr(before[code], outcome) != "off" and getattr(after[code], outcome) == "off":
                    step = self.loaded.rules[code].step.value
                    found.append(TurnedOff(code, step, outcome, self._by_which(held, code, outcome)))
                    break
        return tuple(found)

    def _by_which(self, held: tuple[int, ...], code: str, outcome: Outcome) -> int:
        """Which of the overrides that hold together lets something of a rule pass: the last one that has a say on it."""
        key = "severity" if outcome == "fail" else "unproven"
        layers = [(index, self.policy.overrides[index]["layer"]) for index in held]
        of_rule = [index for index, layer in layers if key in layer.get("rules", {}).get(code, {})]
        of_all = [index for index, layer in layers if key in layer]
        if outcome == "fail" and of_rule:  # a severity for all has no say on a rule that has one of its own
            return max(of_rule)
        return max(of_rule + of_all)

    def asks_nothing(self, plan: Plan) -> bool:
        """Whether the policy turns off, for the manifests of a plan, every rule that was asked for."""
        return all(plan.rulings[code].fail == "off" for code in self.selection.reported)

    def _turned_off(self, rulings: Mapping[str, Ruling]) -> tuple[str, ...]:
        """The steps of the checklist of which no rule is on."""
        on = {rule.step for rule in self.loaded.rules.values() if rulings[rule.code].fail != "off"}
        return tuple(step.value for step in Step if step not in on and step is not Step.MANIFEST)


def open_session(options: Options, before: Session | None = None) -> Session:
    """Load plugins, find and resolve the policy, choose the rules. Raises PolicyError or UsageError.

    ``before`` is a session of the same run with the same plugins: they are loaded once, since their code runs by it.
    """
    code, loaded = _load(options) if before is None else (before.code, before.loaded)
    try:
        selection = select(loaded.rules, options.select, options.ignore)
    except UnknownRuleError as error:
        raise UsageError(str(error), *_without(loaded)) from None
    if not selection.reported:
        raise UsageError("no rule is selected, so nothing would be checked; loosen --select or --ignore")
    session = Session(loaded, find_policy(options.policy, loaded), selection, options, code)
    if not session.running:
        name = session.policy.name
        raise UsageError(f"the policy {name} turns off every rule that is selected, so nothing would be checked")
    return session


def _load(options: Options) -> tuple[Code | None, Loaded]:
    """All rules, and what the code of plugins was like before it was imported, where anything is kept of the run."""
    found = installed(third_party=options.third_party)
    plugins = [entry for entry in found if entry.package != BUNDLED]
    plugins += [EntryPoint(name, name, "", "") for name in options.plugins]
    if not plugins or not options.cache:
        return None, load(options.plugins, third_party=options.third_party, found=found)
    from wa_policy.rules.plugin_code import Code  # most runs have no plugins but our own

    code = Code(plugins)
    with code.watched():
        return code, load(options.plugins, third_party=options.third_party, found=found)


def find_policy(reference: str | None, loaded: Loaded) -> Policy:
    """The policy named, else the one discovered from the current folder upwards, else ``go-live``. Raises PolicyError."""
    try:
        text = load_text(reference) if reference else discover(".") or load_text(DEFAULT_PACK)
    except PolicyError as error:
        raise PolicyError(*dict.fromkeys((*error.problems, *_further_mistakes(error.rest, loaded)))) from None
    return resolved(text, loaded)


def _further_mistakes(rest: PolicyText | None, loaded: Loaded) -> list[PolicyProblem]:
    """What else is wrong with a policy whose shape is: a person is told all of it at once."""
    if rest is None:
        return []
    from wa_policy.policy.resolve import further_mistakes  # resolving is spared where it can be

    found = further_mistakes(rest, loaded.rules, third_party=loaded.third_party)
    return [*found, *_missing_plugins(loaded)] if found else []


def resolved(text: PolicyText, loaded: Loaded) -> Policy:
    """Resolve a policy, or recall it as resolved before. Raises PolicyError."""
    policy = store.recall(text, loaded.rules)
    if policy is None:
        from wa_policy.policy.resolve import resolve

        try:
            result = resolve(text, loaded.rules, third_party=loaded.third_party)
        except PolicyError as error:
            raise PolicyError(*error.problems, *_missing_plugins(loaded)) from None
        store.keep(text, loaded.rules, result)
        policy = result.policy
    return policy


def _missing_plugins(loaded: Loaded) -> list[PolicyProblem]:
    """Plugins that did not load: a rule that a policy names may have been theirs."""
    return [
        PolicyProblem(plugin.module, None, f"this plugin did not load: {plugin.trouble}") for plugin in loaded.troubles
    ]


def _without(loaded: Loaded) -> list[str]:
    lines = [f"the plugin {plugin.name} did not load: {plugin.trouble}" for plugin in loaded.troubles]
    return lines if loaded.third_party else [*lines, "--no-plugins leaves out what installed plugins have"]
