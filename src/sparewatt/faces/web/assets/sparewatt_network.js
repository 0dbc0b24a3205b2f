/* The map of a network: moments that the server solved are drawn here, so that time can be moved freely. */
(function () {
  const space = (window.dash_clientside = window.dash_clientside || {});
  const none = () => space.no_update;
  const quiet = (act) => (...given) => { act(...given); return none(); };
  const draw = () => window.sparewattNetworkDraw, tell = () => window.sparewattNetworkWords;

  /* What one visit to a map knows: the plan, the blocks that came, whether it plays. */
  let visit = null;
  const fresh = (plan) => ({ plan, blocks: [], asked: null, timer: null, echoes: [] });

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
  const time = () => window.sparewattNetworkTime;
  const clamp = (at) => time().clamp(visit.plan, at);
  const readSearch = (search) => time().readSearch(visit.plan, search);
  const searchOf = (at) => time().searchOf(visit.plan, at);

  let writing = null;
  const tellAddress = (search, kept) => {
    if (!document.getElementById("net-frame") || search === window.location.search) return;
    visit.written = search;
    window.history[kept ? "pushState" : "replaceState"](kept ? {} : window.history.state, "", search);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  };
  const writeSearch = (at, before) => {
    clearTimeout(writing);
    if (before && (before.zone !== at.zone || before.shown !== at.shown)) tellAddress(searchOf(at), true);
    else writing = setTimeout(() => tellAddress(searchOf(at), false), 250);
  };

  /* A block that is not here yet is asked for, and in quiet moments those beside it. */
  const want = (at) => {
    const plan = visit.plan, low = plan.shown[at.shown][0];
    const first = low + Math.floor((at.period - low) / plan.block) * plan.block, key = at.shown + "/" + first;
    const here = blockOf(at);
    if ((here && (here.count > 1 || plan.block === 1)) || visit.asked === key) return false;
    visit.asked = key;  // one at a time: an answer that a later question overtook may never come
    space.set_props("net-want", { data: { run: plan.run, shown: at.shown, first } });
    return true;
  };
  const lookAhead = () => {
    clearTimeout(visit.ahead);
    visit.ahead = setTimeout(() => {
      if (!visit.at || visit.failed || visit.asked || !document.getElementById("net-frame")) return;
      const beside = [1, -1].map((by) => clamp({ ...visit.at, period: visit.at.period + by * visit.plan.block }));
      if (!want(visit.at)) beside.some(want);
    }, 900);
  };

  /* A line at the moment in the strip below the map. */
  const mark = (at) => {
    const strip = document.querySelector("#net-strip .js-plotly-plot");
    if (!strip || !window.Plotly || !strip._fullLayout || !strip.data || !strip.data.length) return;
    const x = time().stamp(visit.plan, at.period).slice(0, 16) + ":00";
    window.Plotly.relayout(strip, { shapes: [{ type: "line", x0: x, x1: x, yref: "paper", y0: 0, y1: 1, line: { color: getComputedStyle(document.documentElement).getPropertyValue("--mantine-color-text").trim(), width: 1.5 } }] });
  };

  /* Moments are read out to those who listen, but not while they play. */
  const listen = (how) => ["net-when", "net-summary"].forEach((id) => { const one = document.getElementById(id); if (one) one.setAttribute("aria-live", how); });
  const stop = () => {
    if (visit && visit.timer) { clearInterval(visit.timer); visit.timer = null; }
    const button = document.getElementById("net-play");
    listen("polite");
    if (button) { button.setAttribute("aria-pressed", "false"); button.querySelector("[data-words]").textContent = "Play"; }
  };
  /* The slider tells of moves that we made ourselves, and may do so late. */
  const isEcho = (period) => {
    visit.echoes = visit.echoes.filter((one) => Date.now() - one[1] < 2000);
    const found = visit.echoes.findIndex((one) => one[0] === period);
    visit.echoes.splice(0, found + 1);
    return found >= 0;
  };
  /* What was asked for last; it is drawn when what is being drawn is there, so that a quick hand never waits. */
  const send = () => {
    const one = visit;
    one.sent = one.wanted;
    clearTimeout(one.patience);
    one.patience = setTimeout(() => drawn(one), 700);
    space.set_props("net-at", { data: one.wanted });
  };
  const drawn = (one) => {
    clearTimeout(one.patience);
    one.patience = null;
    if (one === visit && one.sent !== one.wanted && document.getElementById("net-frame")) send();
  };
  const set = (at) => {
    if (visit.wanted && at.period !== visit.wanted.period) visit.isOpen = false;
    visit.wanted = at; 
    if (!visit.patience) send();
  };
  const move = (by) => {
    const at = clamp({ ...visit.wanted, period: visit.wanted.period + by, by: "" });
    if (at.period === visit.wanted.period) stop();
    else set(at);
  };
  const play = () => {
    if (visit.timer) return stop();
    const button = document.getElementById("net-play");
    listen("off");
    button.setAttribute("aria-pressed", "true");
    button.querySelector("[data-words]").textContent = "Pause";
    visit.timer = setInterval(() => {
      if (!document.getElementById("net-frame")) { clearInterval(visit.timer); visit.timer = null; return; }
      if (visit.patience) return;  // no moment is left out
      const next = clamp({ ...visit.wanted, period: visit.wanted.period + 1 });
      if (blockOf(next)) move(1);
      else want(next);
    }, 350);
  };
  const day = () => Math.max(1, Math.round(86400 / visit.plan.step));

  window.sparewattNetwork = { visit: () => visit, clamp, set, move, stop, play, day, drawn };
  /* Graphs come when their code has come. */
  const whenThere = (path, act, tries = 60) => {
    const found = document.querySelector(path);
    if (found && found.on && found.data && found.data.length) act(found);
    else if (tries && document.getElementById("net-frame")) setTimeout(() => whenThere(path, act, tries - 1), 250);
  };

  space.sparewatt = Object.assign(space.sparewatt || {}, {
    netBegin: quiet((plan, kept, search) => {
      stop();
      visit = fresh(plan);
      (kept || []).forEach(take);
      visit.at = null;
      setTimeout(() => {
        const at = readSearch(search);
        visit.isOpen = !new URLSearchParams(search || "").has("t") && !plan.moments.some((m) => m.shown === at.shown);
        set(at);
      }, 0);
    }),
    netBack: quiet((search) => {
      if (!visit || !visit.at || !document.getElementById("net-frame")) return;
      if (search !== window.location.search || search === visit.written) return;
      const at = readSearch(search);
      visit.written = search;
      clearTimeout(writing);
      if (searchOf(at) !== searchOf(visit.at)) { visit.at = at; set(at); }
    }),
    netChoose: quiet((period, shown, zone, colour) => {
      const asked = space.callback_context.triggered.map((one) => one.prop_id);
      if (!visit || !visit.at || !asked.length) return;
      const at = { ...visit.wanted, by: "" };
      if (asked.includes("net-time.value") && Number.isFinite(period) && !isEcho(period)) {
        if (period !== at.period) stop();
        at.period = period;
        at.by = "slider";
      }
      if (asked.includes("net-shown.value") && shown) {
        const worstOf = visit.plan.moments.find((m) => m.shown === shown), [first, end] = visit.plan.shown[shown] || [0, 0];
        at.shown = shown;
        if (at.period < first || at.period >= end) at.period = worstOf ? worstOf.period : first;
      }
      if (asked.includes("net-zone.value")) at.zone = zone || "";
      if (asked.includes("net-colour.value")) at.colour = colour;
      const next = clamp(at);
      if (searchOf(next) !== searchOf(visit.wanted)) set(next);
    }),
    netPress: quiet((...given) => {
      const one = space.callback_context.triggered[0];
      if (!visit || !visit.at || !one || !one.value) return;
      const name = one.prop_id.split(".")[0], worst = given[given.length - 1];
      if (name === "net-play") return void play();
      stop();
      if (name === "net-worst") {
        const kept = visit.plan.moments.find((m) => m.shown === visit.wanted.shown);
        const to = kept || (worst && worst.shown === visit.wanted.shown ? worst : null);
        if (to) set(clamp({ ...visit.wanted, period: to.period, by: "" }));
        else visit.isOpen = true;  // it is not known yet
      } else move({ "net-back-day": -day(), "net-back": -1, "net-next": 1, "net-next-day": day() }[name]);
    }),
    netTake: quiet((block) => {
      if (!block || !visit) return;
      if (visit.asked === block.shown + "/" + block.first) visit.asked = null;
      if (block.failed) { visit.failed = block.failed; stop(); } else take(block);
      if (visit.now && !block.failed) return lookAhead();
      space.set_props("net-taken", { data: block.shown + "/" + block.first + "/" + Date.now() });
    }),
    netDraw(at, taken) {
      if (!visit || !at) return Array(9).fill(none());
      const before = visit.at, next = clamp(visit.wanted || at), plan = visit.plan;  // solved moments may come with an older wish
      visit.at = next;
      const block = blockOf(next), now = block ? draw().measure(plan, next, block) : null;
      visit.now = now;
      want(next);
      lookAhead();
      writeSearch(next, before);
      const [first, end] = plan.shown[next.shown], [nodes, cables] = tell().worst(plan, now);
      whenThere("#net-map .js-plotly-plot", (graph) => window.sparewattNetworkHands.tip(graph));
      setTimeout(() => mark(visit.at), 120);
      const seen = document.getElementById("net-frame");
      const thumb = document.querySelector("#net-time [role=slider]");
      if (thumb) thumb.setAttribute("aria-valuetext", time().clock(plan, next.period));
      if (next.by !== "slider") visit.echoes.push([next.period, Date.now()]);
      if (seen) { seen.dataset.moment = next.shown + "/" + next.period; seen.dataset.solved = String(Boolean(now)); }
      return [draw().figure(plan, next, now), time().clock(plan, next.period), tell().summary(plan, next, now, visit.failed), first, end - 1, next.by === "slider" ? none() : next.period, nodes, cables,
        { shown: next.shown, zone: next.zone, colour: next.colour, period: next.period }];
    },
    netMark: quiet(() => setTimeout(() => whenThere("#net-strip .js-plotly-plot", () => { if (visit && visit.at) mark(visit.at); }), 200)),
    /* The controls follow what is seen, wherever it was chosen. */
    netFollow(seen, shown, zone, colour) {
      if (!seen) return [none(), none(), none()];
      const one = (is, was) => (is === was ? none() : is);
      return [one(seen.shown, shown), one(seen.zone || null, zone || null), one(seen.colour, colour)];
    },
    /* Nobody said which moment, and none was kept of what is shown: its worst, as soon as that is known. */
    netWorst: quiet((worst) => {
      if (!worst || !visit || !visit.wanted || !visit.isOpen || worst.shown !== visit.wanted.shown) return;
      visit.isOpen = false;
      set(clamp({ ...visit.wanted, period: worst.period, by: "" }));
    }),
    netStrip: quiet((click) => {
      const one = click && click.points && click.points[0];
      if (!one || !visit || !visit.at) return;
      const seconds = Date.parse(String(one.x).replace(" ", "T") + "Z") / 1000;
      set(clamp({ ...visit.wanted, period: Math.floor((seconds - visit.plan.start) / visit.plan.step), by: "" }));
    }),
  });
})();
