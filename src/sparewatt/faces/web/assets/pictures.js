/* Pictures: drawn when they come into sight; zooming and panning ask for the window that is seen. */
(function () {
  const space = (window.dash_clientside = window.dash_clientside || {});
  const named = (id) => document.getElementById(JSON.stringify(id, Object.keys(id).sort()));
  const none = () => window.dash_clientside.no_update;
  const plot = (frame) => frame && frame.querySelector(".js-plotly-plot");
  const iso = (ms) => new Date(ms).toISOString().slice(0, 19);
  const utc = (text) => Date.parse(String(text).replace(" ", "T").slice(0, 23) + "Z");

  space.sparewattPictures = {
    watch(id) {
      const frame = named(id);
      if (!frame) return none();
      const seer = new IntersectionObserver((seen) => {
        if (!seen.some((one) => one.isIntersecting)) return;
        seer.disconnect();
        const width = frame.clientWidth;
        /* what came with the page was drawn for a wide screen */
        if (frame.dataset.drawn === "yes" && width >= 700) return;
        space.set_props({ ...id, type: "picture-seen" }, { data: { width } });
      }, { rootMargin: "200px" });
      seer.observe(frame);
      return "yes";
    },
    zoom(layout, shown) {
      if (!layout) return none();
      for (const axis of ["xaxis", "xaxis2", "xaxis3", "xaxis4"]) {
        if (layout[axis + ".autorange"]) return {};
        const range = layout[axis + ".range"] || [layout[axis + ".range[0]"], layout[axis + ".range[1]"]];
        if (range[0] === undefined || range[1] === undefined) continue;
        if (shown && range[0] === shown.start && range[1] === shown.end) return none();
        return { start: range[0], end: range[1] };
      }
      return none();
    },
    move(...given) {
      const id = given[given.length - 1];
      const asked = window.dash_clientside.callback_context.triggered[0];
      const drawn = plot(named(id));
      if (!asked || !asked.value || !drawn || !drawn._fullLayout || !window.Plotly) return none();
      const move = JSON.parse(asked.prop_id.slice(0, asked.prop_id.lastIndexOf("."))).type.replace("picture-move-", "");
      const layout = drawn.layout.xaxis;
      if (!layout || !drawn._fullLayout.xaxis || drawn._fullLayout.xaxis.type !== "date") return none();
      const whole = (drawn._fullLayout.meta && drawn._fullLayout.meta.whole) || layout.range;
      const [first, last] = whole.map(utc);
      let [start, end] = drawn._fullLayout.xaxis.range.map(utc);
      const span = end - start;
      if (move === "whole") [start, end] = [first, last];
      if (move === "closer") [start, end] = [start + span / 4, end - span / 4];
      if (move === "wider") [start, end] = [start - span / 2, end + span / 2];
      if (move === "earlier") [start, end] = [start - span / 2, end - span / 2];
      if (move === "later") [start, end] = [start + span / 2, end + span / 2];
      const kept = Math.min(end - start, last - first);
      start = Math.max(first, Math.min(start, last - kept));
      end = start + kept;
      const names = Object.keys(drawn._fullLayout).filter((name) => /^xaxis\d*$/.test(name));
      const ranges = Object.fromEntries(names.map((name) => [name + ".range", [iso(start), iso(end)]]));
      window.Plotly.relayout(drawn, ranges);
      /* told here as well, for a picture that has only just been put there does not listen to itself yet */
      space.set_props({ ...id, type: "picture-window" }, { data: { start: iso(start), end: iso(end) } });
      return String(Date.now());
    },
  };
})();
