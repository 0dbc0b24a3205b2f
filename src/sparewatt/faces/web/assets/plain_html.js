/* Long lists that the server tells as tags, attributes and text; text stays text. */
(() => {
  const drawn = new WeakMap();

  function build(node) {
    if (typeof node === "string") return document.createTextNode(node);
    if (Array.isArray(node)) {
      const several = document.createDocumentFragment();
      node.forEach((one) => several.append(build(one)));
      return several;
    }
    const made = document.createElement(node.tag);
    Object.entries(node.attributes).forEach(([name, value]) => made.setAttribute(name, value));
    node.children.forEach((one) => made.append(build(one)));
    return made;
  }

  /* What was open and where the keyboard was stays so when a list is told anew. */
  function key(element) {
    return element && (element.getAttribute("aria-label") || element.dataset.open || element.getAttribute("href"));
  }
  function fill(place) {
    const told = place.dataset.plain;
    if (drawn.get(place) === told) return;
    const again = drawn.has(place);
    const open = [...place.querySelectorAll("details[open] > summary")].map(key);
    const held = place.contains(document.activeElement) ? key(document.activeElement) : null;
    drawn.set(place, told);
    place.replaceChildren(build(JSON.parse(told)));
    if (!again) return;
    place.querySelectorAll("details > summary").forEach((one) => { one.parentElement.open = open.includes(key(one)); });
    const back = held && [...place.querySelectorAll("a, button, summary, input")].find((one) => key(one) === held);
    if (back) back.focus({ preventScroll: true });
  }
  const fillAll = () => document.querySelectorAll("[data-plain]").forEach(fill);
  new MutationObserver(fillAll).observe(document, {
    subtree: true, childList: true, attributes: true, attributeFilter: ["data-plain"],
  });

  /* Links in them lead on without loading the page anew, as Dash's do. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[data-go]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    window.history.pushState({}, "", link.href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  });
})();
