/* Which moment of a network is seen: within what there is, by the clock, and as an address. */
(function () {
  const clamp = (plan, at) => {
    const known = Object.keys(plan.shown);
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
  const readSearch = (plan, search) => {
    const query = new URLSearchParams(search || "");
    const first = plan.moments[0] || { shown: Object.keys(plan.shown)[0], period: 0 };
    const seconds = Date.parse(query.get("t") || "") / 1000;
    const asked = query.get("show") || first.shown;
    const worst = plan.moments.find((m) => m.shown === asked) || first;
    const period = Number.isFinite(seconds) ? Math.floor((seconds - plan.start) / plan.step) : worst.period;
    return clamp(plan, { shown: asked, period, zone: query.get("zone") || "", colour: query.get("colour") || "voltage" });
  };
  const searchOf = (plan, at) => {
    const query = new URLSearchParams();
    query.set("show", at.shown);
    query.set("t", stamp(plan, at.period));
    if (at.zone) query.set("zone", at.zone);
    if (at.colour !== "voltage") query.set("colour", at.colour);
    return "?" + query.toString().replace(/%2F/g, "/").replace(/%3A/g, ":");
  };

  window.sparewattNetworkTime = { clamp, clock, stamp, readSearch, searchOf };
})();
