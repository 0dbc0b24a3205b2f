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

  /* ---- The list of runs ---- */
  const react = () => window.React;
  const grid = () => window.dash_ag_grid.getApiAsync("runs-grid");
  const STATES = {
    queued: ["waiting", "clock"],
    running: ["running", "play"],
    done: ["done", "check"],
    failed: ["failed", "error"],
    cancelled: ["cancelled", "stop"],
  };

  window.dashAgGridFunctions.sparewattSpan = (seconds) =>
    typeof seconds !== "number" ? "" : seconds < 9.95 ? `${seconds.toFixed(1)} s` : exact(seconds);
  const exact = (seconds) => {
    const s = Math.round(seconds);
    if (s < 60) return `${s} s`;
    if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
    if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
    return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
  };

  /* Go to a page of the application without loading it anew */
  const goTo = (event, href) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    window.history.pushState({}, "", href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  };

  const cells = window.dashAgGridComponentFunctions;
  cells.SparewattRunLink = (props) =>
    react().createElement(
      "a",
      {
        href: `/runs/${props.data.id}`,
        onClick: (event) => goTo(event, `/runs/${props.data.id}`),
        title: props.value,
        className: "run-link",
      },
      props.value
    );
  cells.SparewattWords = (props) => props.words[props.value] || props.value;
  cells.SparewattRunState = (props) => {
    const run = props.data;
    const [words, icon] = run.stopping ? ["stopping", "stop"] : STATES[run.state];
    const make = react().createElement;
    const running = run.state === "running" && !run.stopping;
    return make(
      "span",
      { className: `state state-${run.state}` },
      make("span", { className: `icon icon-${icon}` }),
      running ? (narrow.matches ? `${Math.floor(run.share * 100)} %` : `running, ${Math.floor(run.share * 100)} %`) : words,
      running && !narrow.matches
        ? make("span", { className: "state-bar" }, make("span", { style: { width: `${run.share * 100}%` } }))
        : null
    );
  };

  const number = new Intl.NumberFormat("en");
  const count = (api) => {
    const shown = api.getDisplayedRowCount();
    let all = 0;
    api.forEachNode(() => (all += 1));
    const chosen = api.getSelectedNodes().length;
    const words = shown === all ? `${number.format(all)} run${all === 1 ? "" : "s"}` : `${number.format(shown)} of ${number.format(all)} runs`;
    const rows = chosen <= 8 ? api.getSelectedRows() : [];
    const why =
      chosen > 8
        ? "; at most 8 can be compared"
        : rows.some((run) => run.state !== "done")
          ? "; only runs that are done can be compared"
          : "";
    set("runs-count", { children: words + (chosen ? `, ${number.format(chosen)} selected${why}` : "") });
  };

  const narrow = window.matchMedia("(max-width: 760px)");
  const fit = (api) => {
    api.setColumnsVisible(["study", "created", "took"], !narrow.matches);
    if (narrow.matches) api.setColumnWidths([{ key: "name", newWidth: 112 }]);
    api.setColumnWidths([{ key: "state", newWidth: narrow.matches ? 112 : 180 }, { key: "id", newWidth: narrow.matches ? 78 : 84 }]);
  };

  /* Narrow the list down; what was asked for stands in the address. */
  ours.filterRuns = (text, study, state) => {
    const asked = new URLSearchParams();
    if (text) asked.set("text", text);
    if (study) asked.set("study", study);
    if (state) asked.set("state", state);
    const search = asked.toString();
    if (window.location.pathname === "/runs")
      window.history.replaceState(window.history.state, "", search ? `/runs?${search}` : "/runs");
    const equals = (value) => ({ filterType: "text", type: "equals", filter: value });
    grid().then((api) => {
      api.setFilterModel({
        ...(text && text.trim() ? { text: { filterType: "text", type: "contains", filter: text.trim() } } : {}),
        ...(study ? { study: equals(study) } : {}),
        ...(state
          ? {
              state:
                state === "active"
                  ? { filterType: "text", operator: "OR", conditions: [equals("queued"), equals("running")] }
                  : equals(state),
            }
          : {}),
      });
      if (!api.sparewattFits) {
        api.sparewattFits = true;
        for (const column of ["text", "study", "state"]) api.getColumnFilterInstance(column); // made now, used at once later
        fit(api);
        narrow.addEventListener("change", () => api.isDestroyed() || fit(api));
        api.addEventListener("cellKeyDown", (told) => {
          if (told.event.key === "Enter" && told.column.getColId() !== "ag-Grid-SelectionColumn") goTo(told.event, `/runs/${told.data.id}`);
        });
        api.addEventListener("modelUpdated", () => count(api));
        api.addEventListener("selectionChanged", () => count(api));
      }
      count(api);
    });
    return window.dash_clientside.no_update;
  };

  /* Which orders make sense for the runs that are chosen: compare, cancel, carry on */
  ours.chooseRuns = (rows) => {
    const chosen = rows || [];
    const some = (test) => chosen.some(test);
    return [
      !(chosen.length >= 1 && chosen.length <= 8 && chosen.every((run) => run.state === "done")),
      !some((run) => ["queued", "running"].includes(run.state)),
      !some((run) => ["failed", "cancelled"].includes(run.state) && run.submitted),
    ];
  };

  ours.compareRuns = (clicks, rows) => {
    const none = window.dash_clientside.no_update;
    if (!clicks || !rows || !rows.length) return [none, none];
    const numbers = rows.map((run) => run.id).sort((a, b) => a - b);
    return ["/compare", `?runs=${numbers.join(",")}`];
  };

  const part = (type, props) => ({ namespace: "dash_mantine_components", type, props });
  const plainPart = (type, props) => ({ namespace: "dash_html_components", type, props });
  const say = (title, color, children) =>
    set("runs-import-said", {
      children: part("Alert", { title, color, variant: "light", withCloseButton: true, closeButtonLabel: "Close", children }),
    });

  const take = async (file) => {
    set("runs-import", { loading: true });
    try {
      const body = new FormData();
      body.append("bundle", file, file.name);
      const answer = await fetch("/api/bundles", { method: "POST", body });
      const said = await answer.json();
      if (answer.ok) {
        const link = plainPart("A", { href: `/runs/${said.run.id}`, children: `Run ${said.run.id}, ${said.run.name}` });
        say("The bundle was imported", "teal", link);
        return;
      }
      const lines = (said.findings || []).slice(0, 20).map((one) =>
        plainPart("Li", {
          children: `${one.where}: ${one.message}${one.value ? ` [${one.value}]` : ""}${one.remedy ? `. ${one.remedy}` : ""}`,
        })
      );
      say(`${file.name} was not imported`, "red", [
        plainPart("Div", { children: said.detail || "The server refused it." }),
        ...(lines.length ? [plainPart("Ul", { children: lines, className: "import-findings" })] : []),
      ]);
    } catch (error) {
      say(`${file.name} was not imported`, "red", "The server does not answer; try again in a moment.");
    } finally {
      set("runs-import", { loading: false });
    }
  };

  /* Ask for a bundle and send it. */
  ours.importBundle = (clicks) => {
    if (!clicks) return window.dash_clientside.no_update;
    const input = document.createElement("input");
    input.type = "file";
    input.accept = ".zip,application/zip";
    input.addEventListener("change", () => input.files.length && take(input.files[0]));
    input.click();
    return window.dash_clientside.no_update;
  };

  /* One more run in the address of a comparison */
  ours.addRun = (run, search) => {
    const asked = new URLSearchParams(search || "");
    const none = window.dash_clientside.no_update;
    if (!run) return none;
    const runs = (asked.get("runs") || "").split(",").filter(Boolean);
    if (runs.includes(run)) return none;
    asked.set("runs", [...runs, run].join(","));
    return `?${asked.toString().replaceAll("%2C", ",")}`;
  };

  /* What drops down is shut by a click elsewhere, by one of its links, and by Escape */
  const shut = (except) => {
    for (const one of document.querySelectorAll("details.drop-down[open]")) if (one !== except) one.open = false;
  };
  document.addEventListener("click", (event) => {
    const inside = event.target.closest && event.target.closest("details.drop-down");
    shut(event.target.closest && event.target.closest("a") ? null : inside);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details.drop-down[open]");
    shut(null);
    if (open) open.querySelector("summary").focus();
  });
})();
