/* The map of a network: moments that the server solved are drawn here, so that time can be moved freely. */
(function () {
  const space = (window.dash_clientside = window.dash_clientside || {});
  const none = () => space.no_update;
  const quiet = (act) => (...given) => { act(...given); return none(); };
  const PU = 20000, LOAD = 1000, LEVELS = 12, OVER = 6;
  const ORANGE = "#E69F00", BROWN = "#B03A00", GREY = "#8C939C";
  const LIGHT = [168, 205, 235], BLUE = [0, 114, 178], WARM = [230, 159, 0], HOT = [158, 42, 0], PALE = [176, 188, 199];
  const mix = (a, b, s) => `rgb(${a.map((v, i) => Math.round(v + (b[i] - v) * s)).join(",")})`;
  const words = (...parts) => parts.filter(Boolean).join(", ");
  const plain = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;");

  /* What one visit to a map knows: the plan, the blocks that came, whether it plays. */
  let visit = null;
  const fresh = (plan) => ({ plan, blocks: [], asked: {}, timer: null, names: null });

  const unpack = (text) => {
    const raw = atob(text), bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    return new Uint16Array(bytes.buffer);
  };
  const take = (block) => {
    if (!block || !visit) return;
    visit.blocks.push({ ...block, volts: unpack(block.volts), loads: unpack(block.loads) });
    if (visit.blocks.length > 24) visit.blocks.splice(0, 1);
  };
  const blockOf = (at) =>
    [...visit.blocks].reverse().find((b) => b.shown === at.shown && at.period >= b.first && at.period < b.first + b.count);
  const clamp = (at) => {
    const plan = visit.plan, known = Object.keys(plan.shown);
    const shown = plan.shown[at.shown] ? at.shown : known[0];
    const [first, end] = plan.shown[shown];
    const period = Math.min(Math.max(Number.isFinite(at.period) ? at.period : first, first), end - 1);
    return { ...at, shown, period, zone: plan.zones.includes(at.zone) ? at.zone : "", colour: at.colour === "loading" ? "loading" : "voltage" };
  };

  /* Times as the clock on the wall of the network shows them. */
  const clock = (plan, period) => {
    const when = new Date((plan.start + period * plan.step) * 1000);
    const form = { timeZone: plan.timezone, weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    return new Intl.DateTimeFormat("en-GB", form).format(when);
  };
  const stamp = (plan, period) => new Date((plan.start + period * plan.step) * 1000).toISOString().slice(0, 16) + "Z";

  /* The address says what is seen: ?show=unmanaged&t=2026-01-13T17:30Z&zone=1/1&colour=loading */
  const readSearch = (search) => {
    const query = new URLSearchParams(search || ""), plan = visit.plan;
    const first = plan.moments[0] || { shown: Object.keys(plan.shown)[0], period: 0 };
    const seconds = Date.parse(query.get("t") || "") / 1000;
    const asked = query.get("show") || first.shown;
    const worst = plan.moments.find((m) => m.shown === asked) || first;
    const period = Number.isFinite(seconds) ? Math.floor((seconds - plan.start) / plan.step) : worst.period;
    return clamp({ shown: asked, period, zone: query.get("zone") || "", colour: query.get("colour") || "voltage" });
  };
  const searchOf = (at) => {
    const query = new URLSearchParams();
    query.set("show", at.shown);
    query.set("t", stamp(visit.plan, at.period));
    if (at.zone) query.set("zone", at.zone);
    if (at.colour !== "voltage") query.set("colour", at.colour);
    return "?" + query.toString().replace(/%2F/g, "/").replace(/%3A/g, ":");
  };
  let writing = null;
  const writeSearch = (at, before) => {
    clearTimeout(writing);
    const search = searchOf(at);
    if (search === window.location.search) return;
    if (before && (before.zone !== at.zone || before.shown !== at.shown)) space.set_props("url", { search });
    else writing = setTimeout(() => { if (window.location.pathname.startsWith("/network/")) window.history.replaceState(window.history.state, "", search); }, 250);
  };

  /* A block that is not here yet is asked for, and the one after it while it plays. */
  const want = (at, ahead) => {
    const plan = visit.plan, [low, end] = plan.shown[at.shown];
    const first = low + Math.floor((at.period - low) / plan.block) * plan.block;
    const missing = !blockOf(at) || blockOf(at).count === 1;
    const key = at.shown + "/" + first;
    if (missing && !visit.asked[key]) {
      visit.asked[key] = true;
      space.set_props("net-want", { data: { run: plan.run, shown: at.shown, first } });
    } else if (ahead && at.period - first > plan.block * 0.5 && first + plan.block < end) want({ ...at, period: first + plan.block }, false);
  };

  const table = (rows, heads) => ({
    namespace: "dash_html_components", type: "Table",
    props: { className: "net-table", children: [
      { namespace: "dash_html_components", type: "Thead", props: { children: { namespace: "dash_html_components", type: "Tr", props: { children: heads.map((text) => ({ namespace: "dash_html_components", type: "Th", props: { children: text, scope: "col" } })) } } } },
      { namespace: "dash_html_components", type: "Tbody", props: { children: rows.map((row) => ({ namespace: "dash_html_components", type: "Tr", props: { children: row.map((text) => ({ namespace: "dash_html_components", type: "Td", props: { children: text } })) } })) } },
    ] },
  });

  /* Numbers of the moment: worst phase of every node and branch. */
  const measure = (at, block) => {
    const plan = visit.plan, nodes = plan.nodes.length, branches = plan.branches.length;
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
  const lines = (plan, rows, colour, width) => {
    const x = [], y = [];
    for (const n of rows) {
      x.push(plan.x[plan.from[n]], plan.x[plan.to[n]], null);
      y.push(plan.y[plan.from[n]], plan.y[plan.to[n]], null);
    }
    return { type: "scatter", mode: "lines", x, y, line: { color: colour, width }, hoverinfo: "skip", showlegend: false };
  };
  const dots = (plan, rows, marker, name, kind) => ({
    type: "scatter", mode: "markers", name, hoverinfo: "none", showlegend: false, marker,
    x: rows.map((n) => (kind === "branch" ? middle(plan, n, "x") : plan.x[n])),
    y: rows.map((n) => (kind === "branch" ? middle(plan, n, "y") : plan.y[n])),
    customdata: rows.map((n) => [kind, n]),
  });
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

  const figure = (at, now) => {
    const plan = visit.plan, data = [], ink = css("--mantine-color-text", "#222"), ground = css("--mantine-color-body", "#fff");
    const all = plan.branches.map((_, n) => n), many = plan.nodes.length > 2500;
    const points = plan.nodes.map((_, n) => n).filter((n) => !many || plan.nodeCustomers[n] || n === plan.busbar);
    const size = Math.max(4, Math.min(9, 900 / Math.sqrt(points.length) / 4));
    const volts = (pu) => pu * plan.baseV;
    if (at.colour === "voltage") {
      const scale = voltScale(plan);
      data.push(lines(plan, all, GREY, 1.4));
      data.push(dots(plan, points, {
        size, color: points.map((n) => (now ? volts(now.low[n]) : null)), cmin: scale.low, cmax: scale.high, colorscale: scale.colours,
        line: { width: 0.5, color: GREY }, showscale: true,
        colorbar: bar("Voltage to neutral, lowest phase [V]", [scale.low, volts(plan.floor), volts(plan.ceiling), scale.high].filter((v, i, a) => i === 0 || i === 1 || Math.abs(v - a[1]) > 4).filter((v, i, a) => a.indexOf(v) === i),
          null),
      }, "voltage", "node"));
      const ticks = [scale.low, volts(plan.floor), volts(plan.ceiling)];
      const told = data[1].marker.colorbar;
      told.tickvals = ticks;
      told.ticktext = [ticks[0].toFixed(0), ticks[1].toFixed(0) + " floor", ticks[2].toFixed(0) + " ceiling"];
    } else {
      const top = plan.scale.load, level = (load) => (load <= 1 ? Math.min(LEVELS - 1, Math.floor(load * LEVELS)) : LEVELS + Math.min(OVER - 1, Math.floor(((load - 1) / (top - 1)) * OVER)));
      const bins = Array.from({ length: LEVELS + OVER }, () => []);
      if (now) all.forEach((n) => bins[level(now.load[n])].push(n));
      else bins[0] = all;
      bins.forEach((rows, k) => {
        const colour = k < LEVELS ? mix(PALE, BLUE, k / (LEVELS - 1)) : mix(WARM, HOT, (k - LEVELS) / (OVER - 1));
        if (rows.length) data.push(lines(plan, rows, colour, 1.6 + (2.6 * k) / (LEVELS + OVER - 1)));
      });
      const cut = 1 / top;
      data.push(dots(plan, all, {
        size: 9, opacity: 0, color: all.map((n) => (now ? now.load[n] * 100 : 0)), cmin: 0, cmax: top * 100,
        colorscale: [[0, mix(PALE, PALE, 0)], [cut, mix(BLUE, BLUE, 0)], [cut, mix(WARM, WARM, 0)], [1, mix(HOT, HOT, 0)]],
        showscale: true, colorbar: bar("Current over rating, worst phase [%]", [0, 50, 100, Math.round(top * 100)], ["0", "50", "100 rating", String(Math.round(top * 100))]),
      }, "loading", "branch"));
      data.push(dots(plan, points, { size: 5, opacity: 0 }, "nodes", "node"));
    }
    if (at.zone) {
      const z = plan.zones.indexOf(at.zone);
      const own = [...new Set(plan.loadNode.filter((_, k) => plan.loadZone[k] === z))];
      data.push({ ...dots(plan, own, { size: size + 5, symbol: "circle-open", line: { width: 2 }, color: "#CC79A7" }, "zone " + plain(at.zone), "node"), showlegend: true });
    }
    if (now && now.solved) {
      const signs = [
        ["below the floor", "triangle-down", plan.nodes.map((_, n) => n).filter((n) => now.low[n] < plan.floor - 6e-5), "node"],
        ["above the ceiling", "triangle-up", plan.nodes.map((_, n) => n).filter((n) => now.high[n] > plan.ceiling + 6e-5), "node"],
        ["overloaded cable", "x", all.filter((n) => now.load[n] > 1.0006), "branch"],
      ];
      for (const [name, symbol, rows, kind] of signs)
        if (rows.length) data.push({ ...dots(plan, rows, { size: size + 3, symbol, color: BROWN, line: { width: 1, color: ground } }, name, kind), showlegend: true });
    }
    data.push({ type: "scatter", mode: "markers", x: [plan.x[plan.busbar]], y: [plan.y[plan.busbar]], name: "transformer", showlegend: true, hoverinfo: "none", customdata: [["transformer", 0]], marker: { symbol: "diamond", size: 13, color: ink, line: { width: 1.5, color: ground } } });
    const axis = { visible: false, showgrid: false, zeroline: false };
    const layout = {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", margin: { l: 4, r: 4, t: 4, b: 4 }, hovermode: "closest", dragmode: "pan", uirevision: "map",
      xaxis: axis, yaxis: { ...axis, ...(plan.isDrawn ? {} : { scaleanchor: "x", scaleratio: 1 }) },
      legend: { orientation: "h", x: 0, y: 0, yanchor: "top", itemclick: false, itemdoubleclick: false },
      showlegend: true,
    };
    return { data, layout };
  };

  /* A line at the moment in the strip below the map. */
  const mark = (at) => {
    const strip = document.querySelector("#net-strip .js-plotly-plot");
    if (!strip || !window.Plotly || !strip._fullLayout || !strip.data || !strip.data.length) return;
    const x = stamp(visit.plan, at.period).slice(0, 16) + ":00";
    window.Plotly.relayout(strip, { shapes: [{ type: "line", x0: x, x1: x, yref: "paper", y0: 0, y1: 1, line: { color: css("--mantine-color-text", "#222"), width: 1.5 } }] });
  };

  const number = (value, digits) => value.toFixed(digits);
  const phases = (values, form) => values.map((v, p) => `L${p + 1} ${form(v)}`).join(" · ");
  const about = (kind, n, now) => {
    const plan = visit.plan;
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
      words(`${plan.branchCustomers[n]} customer${plan.branchCustomers[n] === 1 ? "" : "s"} behind it`, z && `zone ${z}`),
    ];
  };
  const summary = (now) => {
    const plan = visit.plan;
    if (!now) return "This moment is being solved …";
    if (!now.solved) return "The power flow found no solution at this moment.";
    let least = 0, most = 0, low = 0, high = 0, over = 0;
    now.low.forEach((v, n) => { if (v < now.low[least]) least = n; if (v < plan.floor - 6e-5) low++; });
    now.high.forEach((v) => { if (v > plan.ceiling + 6e-5) high++; });
    now.load.forEach((v, n) => { if (v > now.load[most]) most = n; if (v > 1.0006) over++; });
    const broken = words(low && `${low} node${low === 1 ? "" : "s"} below ${number(plan.floor * plan.baseV, 0)} V`, high && `${high} above ${number(plan.ceiling * plan.baseV, 0)} V`, over && `${over} overloaded cable${over === 1 ? "" : "s"}`, now.transformer > 1 && "transformer overloaded");
    return `Lowest ${number(now.low[least] * plan.baseV, 1)} V at ${plan.nodes[least]}; highest loading ${number(now.load[most] * 100, 0)} % on ${plan.branches[most]}; transformer ${number(now.transformer * 100, 0)} %. ${broken ? "Broken: " + broken + "." : "All limits are kept."}`;
  };
  const worst = (now) => {
    const plan = visit.plan;
    if (!now || !now.solved) return [null, null];
    const nodes = plan.nodes.map((_, n) => n).sort((a, b) => now.low[a] - now.low[b]).slice(0, 6);
    const cables = plan.branches.map((_, n) => n).filter((n) => plan.rated[n] !== null).sort((a, b) => now.load[b] - now.load[a]).slice(0, 6);
    const mark = (bad, text) => (bad ? `▲ ${text}` : text);
    return [
      table(nodes.map((n) => [plan.nodes[n], ...now.volts(n).map((v) => mark(v < plan.floor - 6e-5 || v > plan.ceiling + 6e-5, number(v * plan.baseV, 1))), String(plan.nodeCustomers[n])]), ["Node", "L1 [V]", "L2 [V]", "L3 [V]", "Customers"]),
      table(cables.map((n) => [plan.branches[n], ...now.loads(n).map((v) => mark(v > 1.0006, number(v * 100, 0))), String(plan.rated[n])]), ["Cable", "L1 [%]", "L2 [%]", "L3 [%]", "Rating [A]"]),
    ];
  };

  const stop = () => {
    if (visit && visit.timer) { clearInterval(visit.timer); visit.timer = null; }
    const button = document.getElementById("net-play");
    if (button) { button.setAttribute("aria-pressed", "false"); button.querySelector("[data-words]").textContent = "Play"; }
  };
  const set = (at) => space.set_props("net-at", { data: at });
  const move = (by) => {
    const at = clamp({ ...visit.at, period: visit.at.period + by, by: "" });
    if (at.period === visit.at.period) stop();
    else set(at);
  };
  const play = () => {
    if (visit.timer) return stop();
    const button = document.getElementById("net-play");
    button.setAttribute("aria-pressed", "true");
    button.querySelector("[data-words]").textContent = "Pause";
    visit.timer = setInterval(() => {
      if (!document.getElementById("net-map")) { clearInterval(visit.timer); visit.timer = null; return; }
      if (blockOf(clamp({ ...visit.at, period: visit.at.period + 1 })) || !visit.asked.last) move(1);
    }, 350);
  };
  const day = () => Math.max(1, Math.round(86400 / visit.plan.step));

  /* The tooltip, for pointers and fingers. */
  const tip = (graph) => {
    if (graph.dataset.tipped || !graph.on) return;
    graph.dataset.tipped = "yes";
    const box = document.getElementById("net-tip");
    const show = (event) => {
      const one = event.points[0];
      if (!one || !one.customdata) return;
      const [kind, n] = one.customdata;
      box.replaceChildren(...about(kind, n, visit.now).filter(Boolean).map((text, i) => { const line = document.createElement(i ? "div" : "strong"); line.textContent = text; return line; }));
      const frame = graph.getBoundingClientRect(), at = event.event || {};
      const x = (at.clientX || frame.left) - frame.left, y = (at.clientY || frame.top) - frame.top;
      box.hidden = false;
      box.style.left = Math.max(0, Math.min(x + 14, frame.width - box.offsetWidth - 4)) + "px";
      box.style.top = Math.max(0, y > box.offsetHeight + 20 ? y - box.offsetHeight - 10 : y + 16) + "px";
    };
    graph.on("plotly_hover", show);
    graph.on("plotly_unhover", () => { box.hidden = true; });
    graph.on("plotly_click", (event) => {
      show(event);
      const [kind, n] = event.points[0].customdata || [];
      const z = kind === "node" ? visit.plan.nodeZone[n] : kind === "branch" ? visit.plan.nodeZone[visit.plan.outer[n]] : -1;
      if (z >= 0) set(clamp({ ...visit.at, zone: visit.plan.zones[z], by: "" }));
    });
  };
  const keys = (event) => {
    if (!visit || !document.getElementById("net-map") || event.altKey || event.ctrlKey || event.metaKey) return;
    if (!event.target.closest || !event.target.closest("#net-frame")) return;
    const by = { ArrowRight: 1, ArrowLeft: -1, PageDown: day(), PageUp: -day() }[event.key];
    if (by) { event.preventDefault(); stop(); move(event.shiftKey ? Math.sign(by) * Math.max(1, Math.round(3600 / visit.plan.step)) : by); }
    if (event.key === " ") { event.preventDefault(); play(); }
  };
  document.addEventListener("keydown", keys);

  space.sparewatt = Object.assign(space.sparewatt || {}, {
    netBegin: quiet((plan, kept, search) => {
      stop();
      visit = fresh(plan);
      (kept || []).forEach(take);
      visit.at = null;
      setTimeout(() => set(readSearch(search)), 0);
    }),
    netBack: quiet((search) => {
      if (!visit || !visit.at || !document.getElementById("net-map")) return;
      const at = readSearch(search);
      if (searchOf(at) !== searchOf(visit.at)) set(at);
    }),
    netChoose: quiet((period, shown, zone, colour) => {
      const asked = space.callback_context.triggered.map((one) => one.prop_id);
      if (!visit || !visit.at || !asked.length) return;
      const at = { ...visit.at, by: "" };
      if (asked.includes("net-time.value") && Number.isFinite(period)) { if (period !== at.period) stop(); at.period = period; at.by = "slider"; }
      if (asked.includes("net-shown.value") && shown) {
        const worstOf = visit.plan.moments.find((m) => m.shown === shown), [first, end] = visit.plan.shown[shown] || [0, 0];
        at.shown = shown;
        if (at.period < first || at.period >= end) at.period = worstOf ? worstOf.period : first;
      }
      if (asked.includes("net-zone.value")) at.zone = zone || "";
      if (asked.includes("net-colour.value")) at.colour = colour;
      const next = clamp(at);
      if (searchOf(next) !== searchOf(visit.at)) set(next);
    }),
    netPress: quiet((...given) => {
      const one = space.callback_context.triggered[0];
      if (!visit || !visit.at || !one || !one.value) return;
      const name = one.prop_id.split(".")[0], worst = given[given.length - 1];
      if (name === "net-play") return void play();
      stop();
      if (name === "net-worst") {
        const kept = visit.plan.moments.find((m) => m.shown === visit.at.shown);
        const to = kept || (worst && worst.shown === visit.at.shown ? worst : null);
        if (to) set(clamp({ ...visit.at, period: to.period, by: "" }));
      } else move({ "net-back-day": -day(), "net-back": -1, "net-next": 1, "net-next-day": day() }[name]);
    }),
    netTake: quiet((block) => {
      if (!block) return;
      take(block);
      space.set_props("net-taken", { data: block.shown + "/" + block.first + "/" + Date.now() });
    }),
    netDraw(at, taken) {
      if (!visit || !at) return Array(9).fill(none());
      const before = visit.at, next = clamp(at), plan = visit.plan;
      visit.at = next;
      const block = blockOf(next), now = block ? measure(next, block) : null;
      visit.now = now;
      want(next, visit.timer !== null);
      writeSearch(next, before);
      const [first, end] = plan.shown[next.shown], [nodes, cables] = worst(now);
      setTimeout(() => { const graph = document.querySelector("#net-map .js-plotly-plot"); if (graph) tip(graph); mark(visit.at); }, 120);
      const seen = document.getElementById("net-map");
      if (seen) { seen.dataset.moment = next.shown + "/" + next.period; seen.dataset.solved = String(Boolean(now)); }
      return [figure(next, now), clock(plan, next.period), summary(now), first, end - 1, next.by === "slider" ? none() : next.period, nodes, cables,
        { shown: next.shown, zone: next.zone, colour: next.colour, period: next.period }];
    },
    netMark: quiet(() => setTimeout(() => { if (visit && visit.at) mark(visit.at); }, 200)),
    /* The controls follow what is seen, wherever it was chosen. */
    netFollow(seen) {
      if (!seen) return [none(), none(), none()];
      return [seen.shown, seen.zone || null, seen.colour];
    },
    netStrip: quiet((click) => {
      const one = click && click.points && click.points[0];
      if (!one || !visit || !visit.at) return;
      const seconds = Date.parse(String(one.x).replace(" ", "T") + "Z") / 1000;
      set(clamp({ ...visit.at, period: Math.floor((seconds - visit.plan.start) / visit.plan.step), by: "" }));
    }),
  });
})();
