/* What is said of a moment of a network, in words and tables, for those who do not point at the map. */
(function () {
  const words = (...parts) => parts.filter(Boolean).join(", ");
  const table = (rows, heads) => ({
    namespace: "dash_html_components", type: "Table",
    props: { className: "net-table", children: [
      { namespace: "dash_html_components", type: "Thead", props: { children: { namespace: "dash_html_components", type: "Tr", props: { children: heads.map((text) => ({ namespace: "dash_html_components", type: "Th", props: { children: text, scope: "col" } })) } } } },
      { namespace: "dash_html_components", type: "Tbody", props: { children: rows.map((row) => ({ namespace: "dash_html_components", type: "Tr", props: { children: row.map((text) => ({ namespace: "dash_html_components", type: "Td", props: { children: text } })) } })) } },
    ] },
  });

  const number = (value, digits) => value.toFixed(digits);
  const phases = (values, form) => values.map((v, p) => `L${p + 1} ${form(v)}`).join(" · ");
  const about = (plan, kind, n, now) => {
    if (kind === "transformer") return [`Transformer, ${plan.transformerKva} kVA`, now ? `load ${number(now.transformer * 100, 0)} % of its rating` : ""];
    const z = plan.zones[plan.nodeZone[kind === "node" ? n : plan.outer[n]]];
    if (kind === "node") return [
      plan.nodes[n],
      now ? phases(now.volts(n), (v) => `${number(v * plan.baseV, 1)} V`) : "not solved yet",
      now ? phases(now.volts(n), (v) => `${number(v, 3)} pu`) : "",
      words(`${plan.nodeCustomers[n]} customer${plan.nodeCustomers[n] === 1 ? "" : "s"} here`, z && `zone ${z}`),
    ];
    const rated = plan.rated[n];
    return [
      plan.branches[n],
      rated === null ? "its rating is not known" : now ? phases(now.loads(n), (v) => `${number(v * 100, 0)} %`) + ` of ${rated} A` : "not solved yet",
      words(plan.inRing[n] ? (plan.closing[n] ? "closes a ring" : "part of a ring") : `${plan.branchCustomers[n]} customer${plan.branchCustomers[n] === 1 ? "" : "s"} behind it`, z && `zone ${z}`),
    ];
  };
  /* Whether a moment is one of those that the run kept as its worst. */
  const worstWords = (plan, at) => {
    const kept = plan.moments.find((m) => m.shown === at.shown && m.period === at.period);
    return kept ? ` Worst moment of the run: ${kept.label}.` : "";
  };
  const summary = (plan, at, now, failed) => {
    const lacks = failed ? ` Only the worst moments of this run can be shown: ${failed}` : "";
    if (!now) return lacks.trim() || "This moment is being solved …";
    if (!now.solved) return "The power flow found no solution at this moment.";
    let least = 0, most = 0, low = 0, high = 0, over = 0;
    now.low.forEach((v, n) => { if (v < now.low[least]) least = n; if (v < plan.floor - 6e-5) low++; });
    now.high.forEach((v) => { if (v > plan.ceiling + 6e-5) high++; });
    now.load.forEach((v, n) => { if (v > now.load[most]) most = n; if (v > 1.0006) over++; });
    const broken = words(low && `${low} node${low === 1 ? "" : "s"} below ${number(plan.floor * plan.baseV, 0)} V`, high && `${high} above ${number(plan.ceiling * plan.baseV, 0)} V`, over && `${over} overloaded cable${over === 1 ? "" : "s"}`, now.transformer > 1 && "transformer overloaded");
    return `Lowest ${number(now.low[least] * plan.baseV, 1)} V at ${plan.nodes[least]}; highest loading ${number(now.load[most] * 100, 0)} % on ${plan.branches[most]}; transformer ${number(now.transformer * 100, 0)} %. ${broken ? "Broken: " + broken + "." : "All limits are kept."}${worstWords(plan, at)}${lacks}`;
  };
  const worst = (plan, now) => {
    if (!now || !now.solved) return [null, null];
    const nodes = plan.nodes.map((_, n) => n).sort((a, b) => now.low[a] - now.low[b]).slice(0, 6);
    const cables = plan.branches.map((_, n) => n).filter((n) => plan.rated[n] !== null).sort((a, b) => now.load[b] - now.load[a]).slice(0, 6);
    const mark = (bad, text) => (bad ? `▲ ${text}` : text);
    return [
      table(nodes.map((n) => [plan.nodes[n], ...now.volts(n).map((v) => mark(v < plan.floor - 6e-5 || v > plan.ceiling + 6e-5, number(v * plan.baseV, 1))), String(plan.nodeCustomers[n])]), ["Node", "L1 [V]", "L2 [V]", "L3 [V]", "Customers"]),
      table(cables.map((n) => [plan.branches[n], ...now.loads(n).map((v) => mark(v > 1.0006, number(v * 100, 0))), String(plan.rated[n])]), ["Cable", "L1 [%]", "L2 [%]", "L3 [%]", "Rating [A]"]),
    ];
  };

  window.sparewattNetworkWords = { about, summary, worst };
})();
