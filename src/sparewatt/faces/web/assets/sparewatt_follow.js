/* Several runs are followed while somebody looks at them: how far each is, and when one ends. */
(function () {
  const space = (window.dash_clientside = window.dash_clientside || {});
  let following = null;

  const words = (run, stopping) => {
    if (stopping) return "Stopping after the piece that is being worked on";
    if (run.state === "queued") return "Waiting for a worker";
    return run.progress >= 1 ? "Writing the results" : `Working, ${Math.floor(run.progress * 100)} % done`;
  };
  const set = (id, props) => {
    if (document.getElementById(id)) space.set_props(id, props);
  };

  const ask = async (now) => {
    const answers = await Promise.all(
      now.runs.map(async (one) => {
        try {
          const answer = await fetch(`/api/runs/${one.id}`, { headers: { accept: "application/json" } });
          if (answer.status === 401) window.location.reload();
          if (answer.status === 404) return { ...one, state: "gone" };
          return answer.ok ? await answer.json() : null;
        } catch (error) {
          return null;
        }
      })
    );
    if (following !== now || !document.getElementById(`${now.page}-away`)) return;
    const away = answers.some((run) => run === null);
    set(`${now.page}-away`, { style: { display: away ? "block" : "none" } });
    let changed = false;
    answers.forEach((run, index) => {
      if (!run) return;
      const one = now.runs[index];
      if (run.state !== one.state) changed = true;
      set(`${now.page}-words-${one.id}`, { children: words(run, one.stopping) });
      set(`${now.page}-bar-${one.id}`, { value: run.state === "queued" ? 0 : 100 * run.progress });
    });
    if (changed) {
      following = null;
      space.set_props(`${now.page}-changed`, { data: Date.now() });
      return;
    }
    now.timer = window.setTimeout(() => ask(now), away ? 2000 : 1000);
  };

  space.sparewattFollow = {
    /* Ask for each of some runs every second until one changes its state, or somebody goes elsewhere. */
    runs(data) {
      if (following) window.clearTimeout(following.timer);
      following = null;
      if (data && data.runs.length) {
        following = { page: data.page, runs: data.runs, timer: 0 };
        following.timer = window.setTimeout(() => ask(following), 700);
      }
      return space.no_update;
    },
  };
})();
