"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const rising = head.getAttribute("aria-sort") !== "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", rising ? "ascending" : "descending");
      const isText = head.dataset.kind === "text";
      const key = (row) => row.cells[column].dataset.order;
      const compare = isText
        ? (a, b) => key(a).localeCompare(key(b), "en", { numeric: true })
        : (a, b) => Number(key(a)) - Number(key(b));
      const rows = [...body.rows].sort((a, b) => (rising ? compare(a, b) : compare(b, a)));
      body.append(...rows);
    });
  });
}
