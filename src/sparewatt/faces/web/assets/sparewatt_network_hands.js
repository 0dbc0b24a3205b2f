/* Pointer, fingers and keys on the map of a network; sparewatt_network.js does what they ask for. */
(function () {
  const net = () => window.sparewattNetwork;
  /* The tooltip, for pointers and fingers. */
  const tip = (graph) => {
    if (graph.dataset.tipped || !graph.on) return;
    graph.dataset.tipped = "yes";
    const box = document.getElementById("net-tip");
    const show = (event) => {
      const visit = net().visit(), one = event.points[0];
      if (!one || !one.customdata) return;
      const [kind, n] = one.customdata;
      box.replaceChildren(...window.sparewattNetworkWords.about(visit.plan, kind, n, visit.now).filter(Boolean).map((text, i) => { const line = document.createElement(i ? "div" : "strong"); line.textContent = text; return line; }));
      const frame = graph.getBoundingClientRect(), at = event.event || {};
      const x = (at.clientX || frame.left) - frame.left, y = (at.clientY || frame.top) - frame.top;
      box.hidden = false;
      box.style.left = Math.max(0, Math.min(x + 14, frame.width - box.offsetWidth - 4)) + "px";
      box.style.top = Math.max(0, y > box.offsetHeight + 20 ? y - box.offsetHeight - 10 : y + 16) + "px";
    };
    graph.on("plotly_afterplot", () => setTimeout(() => { const visit = net().visit(); if (visit && visit.patience) net().drawn(visit); }, 0));
    graph.on("plotly_hover", show);
    graph.on("plotly_unhover", () => { box.hidden = true; });
    graph.on("plotly_click", (event) => {
      show(event);
      const visit = net().visit(), [kind, n] = (event.points[0] && event.points[0].customdata) || [];
      const z = kind === "node" ? visit.plan.nodeZone[n] : kind === "branch" ? visit.plan.nodeZone[visit.plan.outer[n]] : -1;
      if (z >= 0) net().set(net().clamp({ ...visit.wanted, zone: visit.plan.zones[z], by: "" }));
    });
  };
  const keys = (event) => {
    const visit = net() && net().visit();
    if (!visit || !document.getElementById("net-frame") || event.altKey || event.ctrlKey || event.metaKey) return;
    if (!event.target.closest || !event.target.closest("#net-frame")) return;
    const by = { ArrowRight: 1, ArrowLeft: -1, PageDown: net().day(), PageUp: -net().day() }[event.key];
    if (by) { event.preventDefault(); net().stop(); net().move(event.shiftKey ? Math.sign(by) * Math.max(1, Math.round(3600 / visit.plan.step)) : by); }
    if (event.key === " " && !event.target.closest("button, a")) { event.preventDefault(); net().play(); }
  };
  document.addEventListener("keydown", keys);
  /* A zone of the list. */
  document.addEventListener("click", (event) => {
    const one = event.target.closest && event.target.closest("[data-net-zone]");
    const visit = one && net().visit();
    if (visit && visit.wanted) net().set(net().clamp({ ...visit.wanted, zone: one.dataset.netZone, by: "" }));
  });
  window.sparewattNetworkHands = { tip };
})();
