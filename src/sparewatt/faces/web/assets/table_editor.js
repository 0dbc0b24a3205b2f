/* Tables in grids: what is done in the browser until somebody saves. Cells are text; nothing in them is run. */
(() => {
  const kept = new Map(); // rows as they were saved, by grid
  const unsaved = new Set();
  const name = (id) => JSON.stringify(id, Object.keys(id).sort());
  const dirty = () => [...unsaved].filter((key) => document.getElementById(key));
  const columns = (api) => api.getAllGridColumns().map((c) => c.getColId()).filter((id) => /^c\d+$/.test(id));

  function tell(id, words) {
    const note = document.getElementById(name({ ...id, type: "table-note" }));
    if (note) note.textContent = words;
  }
  function touched(id) {
    unsaved.add(name(id));
    tell(id, "Changes are not saved yet");
  }
  function rowsOf(api) {
    const rows = [];
    api.forEachNode((node) => rows.push(node.data));
    return rows;
  }
  function lastRow(api) {
    return rowsOf(api).reduce((most, row) => Math.max(most, Number(row.r) || 0), 1);
  }
  /* Cells are texts; those that are numbers are sorted and filtered as such. */
  const grids = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  grids.sparewattValue = (text) => (text === "" || text == null ? null : Number(text));
  grids.sparewattInOrder = (one, other) => {
    const [a, b] = [grids.sparewattValue(one), grids.sparewattValue(other)];
    if (a === null || b === null) return (a === null) - (b === null);
    return Number.isNaN(a) || Number.isNaN(b) ? String(one).localeCompare(String(other)) : a - b;
  };

  function addRows(api, number) {
    if (api.isAnyFilterPresent()) api.setFilterModel(null); // else nobody would see them
    const last = lastRow(api);
    const add = Array.from({ length: number }, (_, n) => {
      const row = { r: last + 1 + n };
      columns(api).forEach((c) => { row[c] = ""; });
      return row;
    });
    return api.applyTransaction({ add }).add;
  }
  function paste(event) {
    const root = event.target.closest && event.target.closest(".table-editor .ag-root-wrapper");
    if (!root || /^(INPUT|TEXTAREA)$/.test(event.target.tagName)) return;
    const holder = root.closest("[id]");
    let id;
    try { id = JSON.parse(root.closest('[id^="{"]').id); } catch { return; }
    if (!holder) return;
    const api = window.dash_ag_grid.getApi(id);
    const at = api && api.getFocusedCell();
    if (!at) return;
    const text = (event.clipboardData || window.clipboardData).getData("text").replace(/\r\n?/g, "\n").replace(/\n$/, "");
    const lines = text.split("\n").map((line) => line.split("\t"));
    const shown = api.getAllDisplayedColumns().filter((c) => /^c\d+$/.test(c.getColId()) && c.isCellEditable);
    const from = shown.findIndex((c) => c.getColId() === at.column.getColId());
    if (from < 0 || !api.getColumnDef(at.column.getColId()).editable && !api.getGridOption("defaultColDef").editable) return;
    event.preventDefault();
    const missing = at.rowIndex + lines.length - api.getDisplayedRowCount();
    if (missing > 0) addRows(api, missing);
    lines.forEach((cells, n) => {
      const node = api.getDisplayedRowAtIndex(at.rowIndex + n);
      cells.forEach((cell, m) => {
        const column = shown[from + m];
        if (node && column) node.setDataValue(column.getColId(), cell.trim());
      });
    });
    touched(id);
  }
  const told = () => dirty().map((key) => JSON.parse(key).key.split("|").slice(1).filter(Boolean).join(", ")).join("; ");
  /* Whatever leads away from a table asks first where it is not saved. */
  function leave(event) {
    const way = event.target.closest && event.target.closest('a[href^="/"], [id*="new-open"], [id*="new-way"], #new-example');
    if (!way || !dirty().length || (way.getAttribute("href") || "").startsWith("/api")) return;
    if (window.confirm(`Go on without the changes in ${told()}? They are not saved.`)) unsaved.clear();
    else { event.preventDefault(); event.stopPropagation(); }
  }
  /* Escape leads out of a grid, else people with a keyboard would have to pass all its cells. */
  function out(event) {
    const cell = event.key === "Escape" && event.target.closest && event.target.closest(".ag-cell, .ag-header-cell");
    if (!cell || event.target !== cell) return; // it ends the editing of a cell, or shuts a filter
    const root = cell.closest(".ag-root-wrapper");
    const others = [...document.querySelectorAll("a[href], button, input, select, textarea, [tabindex='0']")].filter((one) =>
      !one.disabled && one.offsetParent !== null && !root.contains(one));
    const follows = (one) => root.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING;
    const next = others.find(follows) || others.pop(); // where nothing follows: what is before it
    if (next) next.focus();
  }
  document.addEventListener("keydown", out);
  document.addEventListener("click", leave, true);
  document.addEventListener("paste", paste);
  window.addEventListener("beforeunload", (event) => { if (dirty().length) event.preventDefault(); });

  let marks = {};
  function mark(api, key) {
    const mine = marks[key] || {};
    api.forEachNode((node) => {
      Object.keys(node.data).filter((k) => k.startsWith("_m")).forEach((k) => delete node.data[k]);
      Object.assign(node.data, mine[node.data.r] || {});
    });
    api.refreshCells({ force: true });
  }
  const copy = (rows) => rows.map((row) => ({ ...row }));
  const own = (window.dash_clientside = window.dash_clientside || {});
  Object.assign((own.sparewatt = own.sparewatt || {}), {
    /* A grid is there: what is in it is what is saved; hear what is changed. */
    async watchTable(id) {
      const api = await window.dash_ag_grid.getApiAsync(id);
      unsaved.delete(name(id));
      kept.set(name(id), copy(rowsOf(api)));
      if (marks[id.key]) mark(api, id.key);
      api.addEventListener("cellValueChanged", () => touched(id));
      return "";
    },
    workTable(add, remove, undo, save, id, note) {
      const none = window.dash_clientside.no_update;
      const asked = window.dash_clientside.callback_context.triggered[0];
      if (!asked || !asked.value) return none;
      const what = JSON.parse(asked.prop_id.split(".").slice(0, -1).join(".")).type;
      const api = window.dash_ag_grid.getApi(id);
      if (!api) return none;
      api.stopEditing();
      if (what === "table-add") {
        const node = addRows(api, 1)[0];
        api.ensureNodeVisible(node);
        api.setFocusedCell(node.rowIndex, columns(api)[0]);
        touched(id);
      } else if (what === "table-delete") {
        const gone = api.getSelectedNodes().filter((node) => node.displayed).map((node) => node.data); // none unseen
        if (!gone.length) { tell(id, "Select rows by their boxes first"); return none; }
        api.applyTransaction({ remove: gone });
        touched(id);
      } else if (what === "table-undo") {
        api.setGridOption("rowData", copy(kept.get(name(id)) || []));
        unsaved.delete(name(id));
        tell(id, "As it was saved");
      } else if (what === "table-save") {
        tell(id, "Saving \u2026");
        const ids = columns(api).sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
        return { rows: rowsOf(api).map((row) => ids.map((c) => String(row[c] ?? ""))), at: Date.now() };
      }
      return none;
    },
    /* The server has written the file: rows are counted anew, as they stand in it. */
    savedTable(saved, id) {
      if (!saved) return window.dash_clientside.no_update;
      tell(id, saved.words);
      const api = saved.ok && window.dash_ag_grid.getApi(id);
      if (api) {
        const before = kept.get(name(id)) || [];
        const first = before.length ? Math.min(...before.map((row) => row.r)) : 2;
        let at = first;
        const rows = copy(rowsOf(api));
        rows.forEach((row) => { row.r = at; at += 1; });
        kept.set(name(id), copy(rows));
        api.setGridOption("rowData", rows);
        unsaved.delete(name(id));
      }
      return "";
    },
    /* Marks of findings on cells: by grid, row and column; "" is the row itself. */
    markTables(found) {
      marks = (found && found.marks) || {};
      document.querySelectorAll('.table-editor [id*="table-grid"]').forEach((element) => {
        let id;
        try { id = JSON.parse(element.id); } catch { return; }
        const api = window.dash_ag_grid.getApi(id);
        if (api) mark(api, id.key);
      });
      return "";
    },
    /* The open table of the depot stands in the address, and the address opens its table. */
    tellTable(open, search) {
      const asked = new URLSearchParams(search || "");
      if (!open || (asked.get("table") || "t_sites") === open) return window.dash_clientside.no_update;
      asked.set("table", open);
      return `?${asked}`;
    },
    openTable(search, open) {
      const named = new URLSearchParams(search || "").get("table") || "t_sites";
      const isThere = document.getElementById(`depot-tabs-tab-${named}`) !== null;
      return named === open || !isThere ? window.dash_clientside.no_update : named;
    },
    /* A check or a run is asked for: only when every table is saved. */
    whenSaved(clicks) {
      const none = window.dash_clientside.no_update;
      if (!clicks) return none;
      if (!dirty().length) return { at: Date.now() };
      window.dash_clientside.set_props("notices", { sendNotifications: [{
        action: "show", title: "Please look", color: "orange", autoClose: 20000, closeButtonProps: { "aria-label": "Close" },
        message: "Save or undo the changes first in: " + told(),
      }] });
      return none;
    },
  });
})();
