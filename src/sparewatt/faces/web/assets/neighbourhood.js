/* Files for neighbourhoods: chosen by a button, sent to the API, told to the page. */
(function () {
  const dash = (window.dash_clientside = window.dash_clientside || {});

  function tell(purpose, more) {
    dash.set_props("hood-upload", { data: { purpose, stamp: Date.now(), ...more } });
  }

  /* The keyboard goes to the first field of a form, and back to what opened it when the page is told anew. */
  let opened = null;
  const settled = (act) => setTimeout(act, 120);
  dash.sparewatt = Object.assign(dash.sparewatt || {}, {
    hoodFocus() {
      settled(() => {
        const fields = document.getElementById("hood-fields");
        const window_ = fields && fields.closest("[role=dialog]");
        if (window_) {
          if (fields.contains(document.activeElement)) return;
          const field = fields.querySelector("input:not([type=hidden])") || document.getElementById("hood-cancel");
          field.focus();
          if (field.type === "text" && !field.readOnly) field.select();
        } else if (document.activeElement === document.body && opened) {
          const again = [...document.querySelectorAll("[data-open]")].find((one) => one.dataset.open === opened);
          const summary = again && again.closest("details") && again.closest("details").querySelector("summary");
          const there = again ? summary || again : document.querySelector(".hood-tab[aria-current=page]");
          if (there) there.focus({ preventScroll: true });
        }
      });
      return dash.no_update;
    },
  });

  function open(asked) {
    typed = false;
    dash.set_props("hood-asked", { data: { ...asked, stamp: Date.now() } });
  }

  async function send(purpose, chosen) {
    const HIDDEN = /(^|\/)(\.[^/]*|Thumbs\.db|desktop\.ini|__MACOSX)(\/|$)/i;
    const files = Array.from(chosen).filter((file) => !HIDDEN.test(file.webkitRelativePath || file.name));
    if (!files.length) return;
    const form = new FormData();
    for (const file of files) form.append("files", file, file.webkitRelativePath || file.name);
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    const size = bytes < 1e6 ? Math.ceil(bytes / 1e3) + " kB" : (bytes / 1e6).toFixed(1) + " MB";
    const busy = (words) => dash.set_props("hood-busy", { children: words });
    busy(`Sending ${files.length === 1 ? files[0].name : files.length + " files"}, ${size} \u2026`);
    try {
      const answer = await fetch("/api/uploads", { method: "POST", body: form });
      const body = await answer.json();
      busy("");
      if (answer.ok && purpose.startsWith("open:")) open({ form: purpose.slice(5), args: { upload: body.id } });
      else if (answer.ok) tell(purpose, { upload: body.id, files: body.files.map((one) => one.name) });
      else tell(purpose, { error: body.detail || "The files were not taken.", findings: body.findings || [] });
    } catch (trouble) {
      busy("");
      tell(purpose, { error: "The files did not reach the server; try again.", findings: [] });
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-upload]");
    if (!button || button.disabled) return;
    const input = document.createElement("input");
    input.type = "file";
    input.accept = button.dataset.accept || "";
    input.multiple = button.dataset.several === "yes";
    if (button.dataset.folder === "yes") input.webkitdirectory = true;
    input.addEventListener("change", () => send(button.dataset.upload, input.files));
    input.click();
  });

  /* What opens a form says so: a street has a thousand of them, too many for Dash to listen to each. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-open]");
    if (!button || button.disabled) return;
    opened = button.dataset.open;
    open(JSON.parse(button.dataset.open));
  });

  /* What somebody has typed into a form and not saved is not lost by a slip: back, reload, Escape ask first. */
  const LOST = "What you filled in is not saved yet. Leave it?";
  let typed = false;
  let returning = false;
  const form = () => {
    const button = document.getElementById("hood-save");
    return button && button.closest("[role=dialog]");
  };
  const unsaved = () => typed && Boolean(form());
  document.addEventListener("input", (event) => {
    if (form() && form().contains(event.target)) typed = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved()) event.preventDefault();
  });
  window.addEventListener("popstate", (event) => {
    if (returning) {
      returning = false;
      event.stopImmediatePropagation();
    } else if (unsaved()) {
      if (window.confirm(LOST)) {
        typed = false;
      } else {
        returning = true;
        event.stopImmediatePropagation();
        history.forward();
      }
    }
  }, true);
  window.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !unsaved() || document.querySelector("[role=listbox]:not([hidden])")) return;
    if (window.confirm(LOST)) typed = false;
    else event.stopImmediatePropagation();
  }, true);

  /* Enter in a field of a form is its button; lists that open take it for themselves. */
  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.key !== "Enter" || field.tagName !== "INPUT" || field.getAttribute("aria-haspopup")) return;
    const button = document.getElementById("hood-save");
    if (!button || !field.closest("[role=dialog]") || !field.closest("[role=dialog]").contains(button)) return;
    event.preventDefault();
    setTimeout(() => button.click(), 50);
  });
})();
