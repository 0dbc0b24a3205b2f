/* The server may be away: say so, wait with what is asked of it, and go on by itself when it is back.
   Questions of Dash that come while it is away are not sent but held, of equal ones the newest, so that an hour of
   waiting is one question afterwards. What was already sent is not sent twice, for it may have been carried out;
   but for the page itself, which only shows something. */
(() => {
  const send = window.fetch.bind(window);
  const held = new Map(); // what lets a held question go, by what it is about
  let away = false;
  let leaving = false;
  window.addEventListener("pagehide", () => { leaving = true; });
  window.addEventListener("pageshow", () => { leaving = false; });

  const sign = () => document.getElementById("server-state");
  const saysItself = () =>
    [...document.querySelectorAll('[id$="-away"]')].some((one) => one.offsetParent !== null);
  function show(words, kind) {
    const place = sign();
    if (!place) return;
    place.textContent = words;
    place.className = words ? `server-state server-${kind}` : "server-state";
  }
  /* A page that the server could not make at all does not load for ever. */
  function shown(isWell) {
    const loading = document.getElementById("page-loading");
    if (isWell) return sign() && sign().textContent.startsWith("This page") ? show("", "") : undefined;
    window.setTimeout(() => { if (loading) loading.textContent = ""; }, 400);
    return show("This page cannot be shown now. Load it again; the log of the server may tell why.", "away");
  }
  const isThere = async () => {
    try {
      return (await send("/api/health", { cache: "no-store" })).status < 500;
    } catch {
      return false;
    }
  };
  const rest = (ms) => new Promise((done) => window.setTimeout(done, ms));
  async function watch() {
    if (away || leaving) return;
    away = true;
    for (let tries = 0; !(await isThere()); tries += 1) {
      if (!leaving)
        show(saysItself() ? "" : "No answer from the server. What is saved is kept; this page goes on by itself when it is back.", "away");
      await rest(tries < 5 ? 1000 : 3000);
    }
    away = false;
    const told = sign() && sign().textContent;
    [...held.values()].forEach((go) => go(true));
    held.clear();
    if (!told) return;
    show("The server is back.", "back");
    window.setTimeout(() => away || show("", ""), 4000);
  }
  /* Whether a question may be sent; once the server is back, and only if no newer one of its kind has come. */
  const turn = (about) =>
    new Promise((go) => {
      if (held.has(about)) held.get(about)(false);
      held.set(about, go);
    });

  window.fetch = async (what, how) => {
    const address = new URL(typeof what === "string" ? what : what.url || String(what), window.location.href);
    if (address.origin !== window.location.origin) return send(what, how);
    const isDash = address.pathname.endsWith("/_dash-update-component");
    let about = "";
    try { about = isDash ? JSON.parse(how.body).output : ""; } catch { /* no question of Dash */ }
    const nothing = () => new Response(null, { status: 204 }); // changes nothing on the page
    if (isDash && away && !(await turn(about))) return nothing();
    for (;;) {
      try {
        const answer = await send(what, how);
        if (isDash && answer.status === 401) window.location.reload(); // the login has ended
        else if (about === "outlet.children") shown(answer.status < 400);
        return answer;
      } catch (error) {
        if (error.name === "AbortError" || leaving) throw error;
        watch();
        if (about !== "outlet.children") throw error;
        if (!(await turn(about))) return nothing();
      }
    }
  };
})();
