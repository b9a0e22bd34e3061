// Filters, links into what is closed, and the choice of light or dark. Without it the page is complete, and opens by hand.
(() => {
  "use strict";
  const find = (selector, within = document) => [...within.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);

  // Light or dark: as the system says, until somebody chooses. A browser may refuse to remember it for a file.
  const remembered = (value) => {
    try {
      if (value === undefined) return localStorage.getItem("wa-policy-theme");
      localStorage.setItem("wa-policy-theme", value);
    } catch {
      // the choice lasts as long as the page
    }
    return null;
  };
  const system = matchMedia("(prefers-color-scheme: dark)");
  const theme = byId("theme");
  let chosen = remembered();
  const apply = () => {
    const dark = chosen ? chosen === "dark" : system.matches;
    if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
    theme.textContent = dark ? "Light page" : "Dark page";
  };
  theme.addEventListener("click", () => {
    chosen = (chosen ? chosen === "dark" : system.matches) ? "light" : "dark";
    remembered(chosen);
    apply();
  });
  system.addEventListener("change", apply);
  theme.hidden = false;
  apply();

  // A link leads into what may be closed or filtered away.
  const reveal = () => {
    let name = "";
    try {
      name = decodeURIComponent(location.hash.slice(1));
    } catch {
      return;
    }
    const target = name && byId(name);
    if (!target) return;
    if (target.closest("[hidden]")) reset();
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    const own = target.matches(".w, #facts") && target.querySelector("details");
    if (own) own.open = true;
    target.scrollIntoView();
  };

  // Filters. What a workspace says is read from the page, once, when somebody first asks. What stands at its head, such as its name
  // and the path of its manifest, is said of each of its findings.
  const rows = find(".w").map((element) => ({ element, state: element.dataset.state, findings: null, text: "" }));
  const fields = ["search", "state", "step", "severity"].map(byId);
  const [search, state, step, severity] = fields;
  const index = () => {
    for (const row of rows) {
      if (row.findings) continue;
      row.text = row.element.textContent.toLowerCase();
      const head = ["summary", "dl"].map((name) => row.element.querySelector(name).textContent.toLowerCase()).join(" ");
      row.findings = find(".f > li", row.element).map((element) => ({
        element,
        text: `${head} ${element.textContent.toLowerCase()}`,
        step: element.closest("[data-step]")?.dataset.step,
        severity: { bad: "error", unsure: "warning", note: "info" }[element.className],
        counts: !element.closest(".exceptions"),
      }));
    }
  };
  const plural = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
  const filter = () => {
    index();
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const says = (text) => words.every((word) => text.includes(word));
    const narrowed = step.value || severity.value;
    let workspaces = 0;
    let findings = 0;
    for (const row of rows) {
      const chosenOnes = row.findings.filter(
        (one) => (!step.value || one.step === step.value) && (!severity.value || one.severity === severity.value),
      );
      const matching = chosenOnes.filter((one) => says(one.text));
      // Words that no finding says may be those of something else in the workspace: then all of its findings stay.
      const shown = matching.length ? matching : says(row.text) ? chosenOnes : [];
      const visible = (!state.value || row.state === state.value) && (narrowed ? shown.length > 0 : says(row.text));
      row.element.hidden = !visible;
      if (!visible) continue;
      workspaces += 1;
      const kept = new Set(shown);
      for (const one of row.findings) {
        one.element.hidden = !kept.has(one);
        if (kept.has(one) && one.counts) findings += 1;
      }
    }
    const filtered = narrowed || state.value || words.length;
    byId("shown").textContent = filtered
      ? `Showing ${workspaces.toLocaleString("en")} of ${plural(rows.length, "workspace")}, with ${plural(findings, "finding")}.`
      : `Showing ${plural(rows.length, "workspace")}.`;
  };
  const reset = () => {
    for (const field of fields) field.value = "";
    filter();
  };
  let waiting = 0;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  };
  if (rows.length) {
    byId("filters").hidden = false;
    search.addEventListener("input", soon);
    for (const field of [state, step, severity]) field.addEventListener("change", filter);
    byId("reset").addEventListener("click", reset);
    byId("open-all").addEventListener("click", () => {
      for (const one of find(".w:not([hidden]) > details")) one.open = true;
    });
    byId("close-all").addEventListener("click", () => {
      for (const one of find(".w > details")) one.open = false;
    });
    // A browser that goes back to the page may have kept what the fields held.
    if (fields.some((field) => field.value)) filter();
  }
  addEventListener("hashchange", reveal);
  reveal();

  // On paper everything is open, and closed again afterwards.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = find("details:not([open])");
    for (const one of opened) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
  });
})();
