/* What pages do in the browser itself. */
(() => {
let waiting = 0; // until it is said that a page is on the way
let arrived = null; // the page that is shown
function tell(isOnTheWay) {
  const sign = document.getElementById("page-loading");
  const outlet = document.getElementById("outlet");
  if (sign) sign.textContent = isOnTheWay ? "Loading the page \u2026" : "";
  if (outlet) outlet.setAttribute("aria-busy", isOnTheWay ? "true" : "false");
}
/* The keyboard, and with it a screen reader, begins at the heading of the new page. */
function lead() {
  const heading = document.querySelector("#outlet h1") || document.getElementById("outlet");
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
/* Tabs of several runs are told apart by their names. */
function entitle(path, titled) {
  const heading = document.querySelector("main h1");
  if (heading && window.location.pathname === path) document.title = `${heading.textContent.trim()} \u00b7 ${titled} \u00b7 Sparewatt`;
}
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.sparewatt = Object.assign(window.dash_clientside.sparewatt || {}, {
  /* Somebody goes to another address: after a moment it is said that its page is on the way. */
  depart(path) {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => tell(true), 300);
    return path;
  },
  /* A new page is shown: its title, its beginning, and where the keyboard is. */
  arrive(children, path) {
    window.clearTimeout(waiting);
    tell(false);
    document.querySelectorAll("nav a.nav-link").forEach((link) => {
      const own = link.getAttribute("href");
      const isHere = path === own || (own !== "/" && path.startsWith(`${own}/`));
      if (isHere) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    });
    const titled = children && children.props && children.props["data-title"];
    document.title = titled ? `${titled} \u00b7 Sparewatt` : "Sparewatt";
    if (titled && children.props["data-of-one"] === "yes") window.setTimeout(() => entitle(path, titled));
    if (arrived !== null && arrived !== path) window.setTimeout(lead);
    arrived = path;
    if (!window.location.hash) window.scrollTo(0, 0);
    return path;
  },
  /* Go to another address, or to another part of this one. */
  go(asked) {
    const none = window.dash_clientside.no_update;
    return asked ? [asked.path ?? none, asked.search ?? none] : [none, none];
  },
  /* The menu of narrow screens; it closes when somebody goes on to another page. */
  openMenu(opened, path, navbar) {
    const asked = window.dash_clientside.callback_context.triggered.map((one) => one.prop_id);
    const open = asked.includes("burger.opened") && !asked.includes("url.pathname") && opened;
    return [{ ...navbar, collapsed: { mobile: !open } }, open];
  },
});
})();
