"use strict";
// Plotly is large, and Dash asks for it only when the first picture is to be drawn. On pages of pictures it is asked
// for at once, so that it is fetched and read while the server still writes the page. Dash waits for what `Plotly` is.
(() => {
  if (!/^\/(runs\/\d+|network\/\d+|compare)/.test(location.pathname) || window.Plotly) return;
  const script = document.createElement("script");
  script.src = "/_dash-component-suites/plotly/package_data/plotly.min.js";
  script.async = true;
  window.Plotly = new Promise((resolve, reject) => {
    script.onload = resolve;
    script.onerror = reject;
  });
  document.head.append(script);
})();
