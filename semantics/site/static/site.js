// Conveniences alone: everything on the page is there without them.
"use strict";
document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof Element && event.target.matches("input, textarea, select");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    const field = document.getElementById("search") || document.getElementById("find");
    field.focus();
    field.select();
  }
});
