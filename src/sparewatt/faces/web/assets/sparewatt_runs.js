/* Runs in the browser: one is followed while it is worked on, lists of very many are filtered and kept fresh. */
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.sparewatt = window.dash_clientside.sparewatt || {};
window.dashAgGridFunctions = window.dashAgGridFunctions || {};
window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {};

(function () {
  const ours = window.dash_clientside.sparewatt;
  const set = (id, props) => {
    if (document.getElementById(id)) window.dash_clientside.set_props(id, props);
  };

  /* Numbers and moments in tables */
  const plain = new Intl.NumberFormat("en", { maximumSignificantDigits: 6, useGrouping: true });
  window.dashAgGridFunctions.sparewattNumber = (value) =>
    typeof value === "number" ? plain.format(value).replace("-", "\u2212") : value == null ? "" : String(value);
  window.dashAgGridFunctions.sparewattMoment = (value) =>
    typeof value === "number" ? new Date(value * 1000).toISOString().slice(0, 16).replace("T", " ") : "";

  /* A time span for people */
  const span = (seconds) => {
    const s = Math.round(seconds);
    if (s < 60) return `${Math.max(s, 1)} s`;
    if (s < 3600) return `${Math.round(s / 60)} min`;
    const hours = Math.floor(s / 3600);
    return `${hours} h ${Math.round((s - 3600 * hours) / 60)} min`;
  };

  /* How fast a run goes, from what was seen of it in the last two minutes; times in ms */
  const pace = (seen) => {
    const last = seen[seen.length - 1];
    const first = seen.find((one) => last.at - one.at <= 120000);
    const rate = (last.share - first.share) / ((last.at - first.at) / 60000);
    if (!(last.at - first.at >= 3000) || !(rate > 0)) return "";
    const left = ((1 - last.share) / rate) * 60;
    const percent = rate * 100 >= 10 ? (rate * 100).toFixed(0) : (rate * 100).toPrecision(2);
    return `${percent} % per minute` + (last.share < 1 ? `, about ${span(left)} left` : "");
  };

  let following = null;
  const stop = () => {
    if (following) window.clearTimeout(following.timer);
    following = null;
  };

  const show = (run, now) => {
    const words = now.stopping
      ? "Stopping after the piece that is being worked on"
      : run.state === "queued"
        ? "Waiting for a worker"
        : run.progress >= 1
          ? "Writing the results"
          : `Working, ${Math.floor(run.progress * 100)} % done`;
    now.seen.push({ at: Date.now(), share: run.progress });
    if (now.seen.length > 300) now.seen.shift();
    const element = document.getElementById("run-words");
    if (element && element.textContent !== words) set("run-words", { children: words });
    if (run.state === "running") {
      set("run-bar", { value: 100 * run.progress });
      set("run-rate", { children: pace(now.seen) });
    }
  };

  const ask = async (now) => {
    let run = null;
    let gone = false;
    try {
      const answer = await fetch(`/api/runs/${now.id}`, { headers: { accept: "application/json" } });
      if (answer.ok) run = await answer.json();
      else if (answer.status === 401) return window.location.reload();
      else gone = answer.status === 404;
    } catch (error) {
      run = null;
    }
    if (following !== now || gone) return undefined;
    if (!document.getElementById("run-away")) return stop();
    const away = run === null;
    if (away !== now.away) {
      now.away = away;
      set("run-away", { style: { display: away ? "block" : "none" } });
    }
    if (run && run.state !== now.state) {
      set("run-words", { children: "" });
      window.dash_clientside.set_props("run-changed", { data: { id: now.id, state: run.state, at: Date.now() } });
      now.state = run.state;
    } else if (run) show(run, now);
    now.timer = window.setTimeout(() => ask(now), away ? 2000 : 1000);
    return undefined;
  };

  /* Ask for a run every second until it has ended, or somebody goes elsewhere. */
  ours.followRun = (run) => {
    stop();
    if (run && ["queued", "running"].includes(run.state)) {
      following = { id: run.id, state: run.state, stopping: run.stopping, seen: [], away: false, timer: 0 };
      following.timer = window.setTimeout(() => ask(following), 700);
    }
    return window.dash_clientside.no_update;
  };
})();
