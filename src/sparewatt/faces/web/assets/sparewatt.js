/* What pages do in the browser itself. */
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.sparewatt = Object.assign(window.dash_clientside.sparewatt || {}, {
  /* A new page is shown: its title, its beginning, and where the keyboard is. */
  arrive(children, path) {
    const outlet = document.getElementById("outlet");
    const titled = children && children.props && children.props["data-title"];
    document.title = titled ? titled + " \u00b7 Sparewatt" : "Sparewatt";
    if (outlet && document.activeElement && document.activeElement.closest("nav")) outlet.focus({ preventScroll: true });
    if (!window.location.hash) window.scrollTo(0, 0);
    return path;
  },
  /* The menu of narrow screens; it closes when somebody goes on to another page. */
  openMenu(opened, path, navbar) {
    const asked = window.dash_clientside.callback_context.triggered.map((one) => one.prop_id);
    const open = asked.includes("burger.opened") && !asked.includes("url.pathname") && opened;
    return [{ ...navbar, collapsed: { mobile: !open } }, open];
  },
});
