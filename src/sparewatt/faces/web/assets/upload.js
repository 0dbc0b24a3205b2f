/* Files on their way to the server: chosen, dropped, or a whole folder; refused in words before they are sent. */
(() => {
  const kindsOf = (area) => area.dataset.kinds.split(" ");
  const HIDDEN = /(^|\/)(\.[^/]*|Thumbs\.db|desktop\.ini|__MACOSX)(\/|$)/i;
  const size = (bytes) => (bytes < 1e6 ? Math.ceil(bytes / 1e3) + " kB" : (bytes / 1e6).toFixed(1) + " MB");

  function element(tag, settings, ...children) {
    const made = Object.assign(document.createElement(tag), settings);
    made.append(...children);
    return made;
  }
  function tell(area, words) { area.querySelector(".upload-state").textContent = words; }
  function refuse(area, lines) {
    const list = area.querySelector(".upload-refused");
    list.replaceChildren(...lines.slice(0, 20).map((line) => element("li", { textContent: line })));
    if (lines.length > 20) list.append(element("li", { textContent: `and ${lines.length - 20} more` }));
    list.hidden = !lines.length;
  }
  function problems(area, files) {
    const kinds = kindsOf(area);
    const most = Number(area.dataset.most);
    const found = [];
    const zips = files.filter((f) => f.name.toLowerCase().endsWith(".zip"));
    if (zips.length && files.length > 1) found.push("A zip is taken by itself: choose the zip alone, or the files without it.");
    files.forEach((f) => {
      const dot = f.name.lastIndexOf(".");
      const kind = dot < 0 ? "" : f.name.slice(dot).toLowerCase();
      if (kind !== ".zip" && !kinds.includes(kind)) {
        found.push(`${f.path}: is of a kind that no input has. Taken are ${kinds.join(", ")}, or one .zip of them.`);
      }
    });
    const all = files.reduce((sum, f) => sum + f.file.size, 0);
    if (all > most) found.push(`Together they have ${size(all)}; at most ${size(most)} are taken at once. A zip may hold more.`);
    return found;
  }
  function send(area, given) {
    const files = given.filter((f) => !HIDDEN.test(f.path));
    refuse(area, []);
    if (!files.length) { tell(area, given.length ? "There are only hidden files in it." : "Nothing was chosen."); return; }
    const wrong = problems(area, files);
    if (wrong.length) { tell(area, "Nothing was sent."); refuse(area, wrong); return; }
    const body = new FormData();
    files.forEach((f) => body.append("files", f.file, f.path));
    const bar = area.querySelector("progress");
    const request = new XMLHttpRequest();
    const all = files.reduce((sum, f) => sum + f.file.size, 0);
    request.open("POST", "/api/uploads");
    request.responseType = "text";
    bar.hidden = false;
    bar.value = 0;
    tell(area, `Sending ${files.length === 1 ? files[0].name : files.length + " files"}, ${size(all)} \u2026`);
    request.upload.onprogress = (event) => {
      if (!event.lengthComputable) return;
      bar.value = event.loaded / event.total;
      if (event.loaded >= event.total) tell(area, "Checking the files \u2026");
    };
    request.onerror = () => { bar.hidden = true; tell(area, "The server did not answer. Is it still there? Try again."); };
    request.onload = () => {
      bar.hidden = true;
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* said below */ }
      if (request.status === 201) {
        tell(area, `${answer.files.length} ${answer.files.length === 1 ? "file is" : "files are"} here.`);
        window.dash_clientside.set_props(area.dataset.into, { data: { id: answer.id, at: Date.now() } });
        return;
      }
      tell(area, "Nothing was taken.");
      const lines = (answer.findings || []).map((f) => `${f.where}: ${f.message}${f.remedy ? " \u2014 " + f.remedy : ""}`);
      refuse(area, lines.length ? lines : [answer.detail || `The server answered ${request.status}.`]);
    };
    request.send(body);
  }
  const plain = (list) => [...list].map((file) => ({ file, name: file.name, path: file.webkitRelativePath || file.name }));

  async function dropped(items) {
    const found = [];
    async function walk(entry, before) {
      if (entry.isFile) {
        const file = await new Promise((done, failed) => entry.file(done, failed));
        found.push({ file, name: file.name, path: before + file.name });
      } else {
        const reader = entry.createReader();
        for (;;) {
          const part = await new Promise((done, failed) => reader.readEntries(done, failed));
          if (!part.length) return;
          for (const one of part) await walk(one, `${before}${entry.name}/`);
        }
      }
    }
    const entries = [...items].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
    for (const entry of entries) await walk(entry, "");
    return found;
  }
  function chooser(words, settings, area) {
    const input = element("input", { type: "file", multiple: true, className: "upload-input", ...settings });
    input.addEventListener("change", () => { send(area, plain(input.files)); input.value = ""; });
    return element("label", { className: "upload-choose" }, element("span", { textContent: words }), input);
  }
  /* A finding leads to its table, also where that is open already. */
  document.addEventListener("click", (event) => {
    if (!event.target.closest || !event.target.closest('[id*="new-way"]')) return;
    window.setTimeout(() => document.getElementById("new-view").scrollIntoView({ block: "nearest" }), 300);
  });
  /* A finding leads to its field, also where that is folded away. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[data-field]");
    if (!link) return;
    event.preventDefault();
    const path = link.dataset.field;
    const find = () => ["new-field", "new-switch"].map((type) => document.getElementById(JSON.stringify({ path, type }))).find(Boolean);
    const field = find();
    if (!field) return;
    const folded = field.closest(".mantine-Accordion-item");
    const control = folded && folded.querySelector(".mantine-Accordion-control");
    if (control && control.getAttribute("aria-expanded") === "false") control.click();
    window.setTimeout(() => { field.scrollIntoView({ block: "center" }); field.focus({ preventScroll: true }); }, folded ? 250 : 0);
  });
  const own = (window.dash_clientside = window.dash_clientside || {});
  Object.assign((own.sparewatt = own.sparewatt || {}), {
    /* An area for files is on the page: fill it. */
    makeUpload(id) {
      const area = document.getElementById(id);
      if (!area || area.childElementCount) return "";
      area.append(
        element("p", { className: "upload-words", textContent: "Drop files, a folder or a zip here, or" }),
        element("div", { className: "upload-choosers" },
          chooser("Choose files", { accept: [...kindsOf(area), ".zip"].join(",") }, area),
          chooser("Choose a folder", { webkitdirectory: true }, area)),
        element("p", { className: "upload-kinds", textContent: `${kindsOf(area).join(", ")}; or one .zip` }),
        element("progress", { max: 1, value: 0, hidden: true, ariaLabel: "Upload" }),
        element("p", { className: "upload-state", role: "status" }),
        element("ul", { className: "upload-refused", hidden: true }),
      );
      ["dragenter", "dragover"].forEach((kind) => area.addEventListener(kind, (event) => {
        event.preventDefault();
        area.classList.add("is-over");
      }));
      ["dragleave", "drop"].forEach((kind) => area.addEventListener(kind, () => area.classList.remove("is-over")));
      area.addEventListener("drop", async (event) => {
        event.preventDefault();
        try { send(area, await dropped(event.dataTransfer.items)); } catch { tell(area, "These files cannot be read by the browser."); }
      });
      return "";
    },
    /* Look at what has just come to be there. */
    lookAt(children, id, found) {
      if (found && found.stage === "form") return ""; // somebody is at a field
      window.setTimeout(() => {
        const element = document.getElementById(id);
        if (element && element.childElementCount) element.scrollIntoView({ block: "nearest", behavior: "auto" });
      }, 80);
      return "";
    },
  });
})();
