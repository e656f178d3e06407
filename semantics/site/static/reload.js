// While the site is served: the page loads itself again when something has changed.
"use strict";
(() => {
  const version = new URL(document.currentScript.src).searchParams.get("v");
  const source = new EventSource(`/.changes?v=${version}`);
  source.addEventListener("message", () => location.reload());
  self.addEventListener("pagehide", () => source.close());
})();
