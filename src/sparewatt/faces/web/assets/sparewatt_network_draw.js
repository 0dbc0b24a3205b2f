/* How a moment of a network is drawn and said; sparewatt_network.js says which one. */
(function () {
  const PU = 20000, LOAD = 1000, LEVELS = 12, OVER = 6;
  const BREACH = "#D55E00", GREY = "#8C939C";
  const LIGHT = [168, 205, 235], BLUE = [0, 114, 178], WARM = [230, 159, 0], HOT = [158, 42, 0], PALE = [176, 188, 199];
  const mix = (a, b, s) => `rgb(${a.map((v, i) => Math.round(v + (b[i] - v) * s)).join(",")})`;
  const plain = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;");

  /* Numbers of the moment: worst phase of every node and branch. */
  const measure = (plan, at, block) => {
    const nodes = plan.nodes.length, branches = plan.branches.length;
    const k = at.period - block.first, v0 = k * nodes * 3, l0 = k * branches * 3;
    const low = new Float64Array(nodes), high = new Float64Array(nodes), load = new Float64Array(branches);
    for (let n = 0; n < nodes; n++) {
      const a = block.volts[v0 + 3 * n], b = block.volts[v0 + 3 * n + 1], c = block.volts[v0 + 3 * n + 2];
      low[n] = Math.min(a, b, c) / PU;
      high[n] = Math.max(a, b, c) / PU;
    }
    for (let n = 0; n < branches; n++)
      load[n] = Math.max(block.loads[l0 + 3 * n], block.loads[l0 + 3 * n + 1], block.loads[l0 + 3 * n + 2]) / LOAD;
    const volts = (n) => [0, 1, 2].map((p) => block.volts[v0 + 3 * n + p] / PU);
    const loads = (n) => [0, 1, 2].map((p) => block.loads[l0 + 3 * n + p] / LOAD);
    return { low, high, load, volts, loads, solved: block.solved[k], transformer: block.transformer[k] };
  };

  const middle = (plan, n, axis) => (plan[axis][plan.from[n]] + plan[axis][plan.to[n]]) / 2;
  /* Cables as one path; the pointer finds their ends and middles: the middle is the cable, the outer end its node. */
  const path = (plan, rows, colour, width, far, dash) => {
    const x = [], y = [], customdata = [];
    for (const n of rows) {
      const inner = plan.outer[n] === plan.to[n] ? plan.from[n] : plan.to[n], outer = plan.outer[n];
      x.push(plan.x[inner], middle(plan, n, "x"), plan.x[outer], null);
      y.push(plan.y[inner], middle(plan, n, "y"), plan.y[outer], null);
      customdata.push(null, ["branch", n], [far, far === "node" ? outer : n], null);
    }
    return { type: "scatter", mode: "lines", x, y, customdata, line: { color: colour, width, dash }, hoverinfo: "none", showlegend: false };
  };
  /* The same, those that close rings dashed. */
  const lines = (plan, rows, colour, width, far) =>
    [["solid", rows.filter((n) => !plan.closing[n])], ["3px,3px", rows.filter((n) => plan.closing[n])]]
      .filter((one) => one[1].length).map(([dash, some]) => path(plan, some, colour, width, far, dash));
  /* A scale of colours without anything drawn. */
  const scaled = (plan, marker) => ({
    type: "scatter", mode: "markers", x: [plan.x[plan.busbar]], y: [plan.y[plan.busbar]], hoverinfo: "skip", showlegend: false,
    marker: { ...marker, size: 0.1, opacity: 0, showscale: true },
  });
  const dots = (plan, rows, marker, name, kind) => ({
    type: "scatter", mode: "markers", name, hoverinfo: "none", showlegend: false, marker,
    x: rows.map((n) => (kind === "branch" ? middle(plan, n, "x") : plan.x[n])),
    y: rows.map((n) => (kind === "branch" ? middle(plan, n, "y") : plan.y[n])),
    customdata: rows.map((n) => [kind, n]),
  });
  /* Where signs of very many places stand: one per spot, so that the colours below are still seen. */
  const spots = (plan, rows, kind) => {
    const [dx, dy] = plan.span.map((span) => span / 45 || 1), seen = new Set();
    return rows.map((n) => (kind === "branch" ? [middle(plan, n, "x"), middle(plan, n, "y")] : [plan.x[n], plan.y[n]]))
      .filter(([x, y]) => { const spot = Math.floor(x / dx) + "/" + Math.floor(y / dy), is = !seen.has(spot); seen.add(spot); return is; });
  };
  /* They are one path, which a browser draws at once; their size is that of the map. */
  const signsOf = (plan, rows, kind, shape, colour) => {
    const dx = plan.span[0] * 0.006, dy = plan.isDrawn ? plan.span[1] * 0.01 : dx, x = [], y = [];
    const corners = { "triangle-down": [[-1, 1], [1, 1], [0, -1], [-1, 1]], "triangle-up": [[-1, -1], [1, -1], [0, 1], [-1, -1]], x: [[-1, -1], [1, 1], [0, 0], [-1, 1], [1, -1]] }[shape];
    for (const [px, py] of spots(plan, rows, kind)) {
      for (const [a, b] of corners) { x.push(px + a * dx); y.push(py + b * dy); }
      x.push(null);
      y.push(null);
    }
    return { type: "scatter", mode: "lines", x, y, line: { color: colour, width: shape === "x" ? 2.5 : 1.2 }, ...(shape === "x" ? {} : { fill: "toself", fillcolor: colour }), hoverinfo: "skip", hoveron: "points", showlegend: false };
  };
  const css = (name, other) => getComputedStyle(document.documentElement).getPropertyValue(name).trim() || other;

  const bar = (title, ticks, texts) => ({
    title: { text: title, side: "top", font: { size: 12 } }, orientation: "h", thickness: 10, len: 0.9, x: 0.5, xanchor: "center",
    y: 1.01, yanchor: "bottom", outlinewidth: 0, tickvals: ticks, ticktext: texts, tickfont: { size: 11 },
  });
  const voltScale = (plan) => {
    const v = (pu) => pu * plan.baseV, low = v(plan.scale.low), high = v(plan.scale.high), floor = v(plan.floor);
    const cut = (floor - low) / (high - low);
    return { low, high, colours: [[0, mix(HOT, HOT, 0)], [cut, mix(WARM, WARM, 0)], [cut, mix(LIGHT, LIGHT, 0)], [1, mix(BLUE, BLUE, 0)]] };
  };

  const figure = (plan, at, now) => {
    plan.span = plan.span || ["x", "y"].map((axis) => plan[axis].reduce((a, b) => Math.max(a, b), -Infinity) - plan[axis].reduce((a, b) => Math.min(a, b), Infinity));
    const data = [], ink = css("--mantine-color-text", "#222"), ground = css("--mantine-color-body", "#fff");
    const all = plan.branches.map((_, n) => n), many = plan.nodes.length > 500;
    const points = plan.nodes.map((_, n) => n);
    const size = Math.max(4, Math.min(9, 900 / Math.sqrt(points.length) / 4));
    const volts = (pu) => pu * plan.baseV;
    if (at.colour === "voltage") {
      const scale = voltScale(plan), floor = volts(plan.floor), top = volts(plan.ceiling);
      const marker = {
        cmin: scale.low, cmax: scale.high, colorscale: scale.colours,
        colorbar: bar("Voltage to neutral, lowest phase [V]", [scale.low, floor, top], [scale.low.toFixed(0), floor.toFixed(0) + " floor", top.toFixed(0) + " ceiling"]),
      };
      data.push(scaled(plan, { ...marker, color: [floor] }));
      if (many) {
        const level = (v) => (v < floor ? Math.max(0, Math.min(OVER - 1, Math.floor(((v - scale.low) / (floor - scale.low)) * OVER))) : OVER + Math.min(LEVELS - 1, Math.floor(((v - floor) / (scale.high - floor)) * LEVELS)));
        const bins = Array.from({ length: LEVELS + OVER }, () => []);
        all.forEach((n) => bins[now ? level(volts(now.low[plan.outer[n]])) : LEVELS + OVER - 1].push(n));
        bins.forEach((rows, k) => {
          const colour = k < OVER ? mix(HOT, WARM, k / (OVER - 1)) : mix(LIGHT, BLUE, (k - OVER) / (LEVELS - 1));
          if (rows.length) data.push(...lines(plan, rows, colour, k < OVER ? 3.2 : 2.2, "node"));
        });
      } else {
        data.push(...lines(plan, all, GREY, 1.4, "node"));
        data.push(dots(plan, points, { ...marker, colorbar: undefined, size, color: points.map((n) => (now ? volts(now.low[n]) : null)), line: { width: 0.5, color: GREY } }, "voltage", "node"));
      }
    } else {
      const top = plan.scale.load, cut = 1 / top;
      const level = (load) => (load <= 1 ? Math.min(LEVELS - 1, Math.floor(load * LEVELS)) : LEVELS + Math.min(OVER - 1, Math.floor(((load - 1) / (top - 1)) * OVER)));
      const bins = Array.from({ length: LEVELS + OVER }, () => []);
      all.forEach((n) => bins[now ? level(now.load[n]) : 0].push(n));
      data.push(scaled(plan, {
        color: [0], cmin: 0, cmax: top * 100, colorscale: [[0, mix(PALE, PALE, 0)], [cut, mix(BLUE, BLUE, 0)], [cut, mix(WARM, WARM, 0)], [1, mix(HOT, HOT, 0)]],
        colorbar: bar("Current over rating, worst phase [%]", [0, 50, 100, Math.round(top * 100)], ["0", "50", "100 rating", String(Math.round(top * 100))]),
      }));
      bins.forEach((rows, k) => {
        const colour = k < LEVELS ? mix(PALE, BLUE, k / (LEVELS - 1)) : mix(WARM, HOT, (k - LEVELS) / (OVER - 1));
        if (rows.length) data.push(...lines(plan, rows, colour, 1.6 + (2.6 * k) / (LEVELS + OVER - 1), "branch"));
      });
    }
    if (at.zone) {
      const z = plan.zones.indexOf(at.zone);
      const own = [...new Set(plan.loadNode.filter((_, k) => plan.loadZone[k] === z))];
      data.push({ ...dots(plan, own, { size: size + 5, symbol: "circle-open", line: { width: 2 }, color: "#CC79A7" }, "zone " + plain(at.zone), "node"), showlegend: true });
    }
    if (now && now.solved) {
      const over = ["overloaded cables", "x", all.filter((n) => now.load[n] > 1.0006), "branch"];
      const signs = at.colour === "loading" ? [over] : [
        ["nodes below the floor", "triangle-down", points.filter((n) => now.low[n] < plan.floor - 6e-5), "node"],
        ["nodes above the ceiling", "triangle-up", points.filter((n) => now.high[n] > plan.ceiling + 6e-5), "node"],
        over,
      ];
      for (const [what, symbol, rows, kind] of signs)
        if (rows.length) {
          const name = `${what}: ${rows.length}`;
          const few = rows.length <= 150, marker = { size: few ? size + 3 : 9, symbol, color: BREACH, line: { width: 1, color: ground } };
          if (!few) data.push(signsOf(plan, rows, kind, symbol, BREACH));
          data.push(few ? { ...dots(plan, rows, marker, name, kind), showlegend: true } : { type: "scatter", mode: "markers", x: [null], y: [null], name, marker, hoverinfo: "skip", showlegend: true });
        }
    }
    data.push({ type: "scatter", mode: "markers", x: [plan.x[plan.busbar]], y: [plan.y[plan.busbar]], name: "transformer", showlegend: true, hoverinfo: "none", customdata: [["transformer", 0]], marker: { symbol: "diamond", size: 13, color: ink, line: { width: 1.5, color: ground } } });
    /* A finger on the map scrolls the page; buttons above the map zoom. */
    const axis = { visible: false, showgrid: false, zeroline: false };
    const layout = {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", margin: { l: 4, r: 4, t: 4, b: 4 }, hovermode: "closest", dragmode: window.matchMedia("(pointer: coarse)").matches ? false : "pan", uirevision: "map",
      xaxis: axis, yaxis: { ...axis, ...(plan.isDrawn ? {} : { scaleanchor: "x", scaleratio: 1 }) },
      legend: { orientation: "h", x: 0, y: 0, yanchor: "top", itemclick: false, itemdoubleclick: false },
      showlegend: true,
    };
    return { data, layout };
  };

  window.sparewattNetworkDraw = { measure, figure };
})();
