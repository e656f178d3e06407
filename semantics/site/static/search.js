// Search by the index beside this script; what is asked for stands in the address (search.html#q=meter).
"use strict";
(() => {
  const MOST = 60;
  const CLASSES = 6;
  const field = document.getElementById("search");
  const list = document.getElementById("results");
  const status = document.getElementById("status");
  const LETTERS = { ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", ł: "l", þ: "th", ı: "i" };
  // Letters without their marks, and those that have no other form as people without them type them.
  const fold = (text) =>
    text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[ßæœøđðłþı]/g, (letter) => LETTERS[letter]);
  // The words of a name: meterReading, meter_reading and "meter reading" have the same.
  const words = (text) => fold(text.replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2")).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const entries = self.SEARCH.entries.map((entry) => ({
    kind: entry[0], name: entry[1], text: entry[2], at: entry[3],
    folded: fold(entry[1]), words: words(entry[1]), described: fold(entry[2]), also: fold(entry[4] || ""),
  }));

  function score(entry, terms, whole) {
    if (entry.folded === whole || entry.also === whole) return 1000;
    let sum = entry.words.join("") === terms.join("") ? 500 : 0;
    for (const term of terms) {
      if (entry.words.includes(term)) sum += 80;
      else if (entry.folded.startsWith(term)) sum += 60;
      else if (entry.words.some((word) => word.startsWith(term))) sum += 40;
      else if (entry.folded.includes(term)) sum += 25;
      else if (entry.also.includes(term)) sum += 15;
      else if (entry.described.includes(term)) sum += 5;
      else return 0;
    }
    return sum - Math.min(entry.folded.length, 60) / 10;
  }

  function link(text, href) {
    const made = document.createElement("a");
    made.href = href;
    made.textContent = text;
    return made;
  }

  function small(text) {
    const made = document.createElement("span");
    made.className = "small";
    made.textContent = text;
    return made;
  }

  function shown(entry) {
    const item = document.createElement("li");
    const head = document.createElement("p");
    const kind = document.createElement("span");
    kind.className = "chip";
    kind.textContent = self.SEARCH.kinds[entry.kind];
    const places = typeof entry.at === "string" ? [] : entry.at.map((place) => {
      const [number, anchor] = typeof place === "number" ? [place, `slot-${entry.name}`] : place;
      return { name: entries[number].name, href: `${entries[number].at}#${anchor}` };
    });
    head.append(link(entry.name, places.length ? places[0].href : entry.at), " ", kind);
    const inside = /^models\/([^/]+)\//.exec(places.length ? "" : entry.at);
    if (inside) head.append(" ", small(`in ${inside[1]}`));
    item.append(head);
    if (entry.text) {
      const text = document.createElement("p");
      text.className = "soft";
      text.textContent = entry.text;
      item.append(text);
    }
    if (places.length) {
      const line = small("in ");
      places.slice(0, CLASSES).forEach((place, at) => line.append(at ? ", " : "", link(place.name, place.href)));
      if (places.length > CLASSES) line.append(` and ${places.length - CLASSES} more`);
      item.append(line);
    }
    return item;
  }

  function find() {
    const asked = field.value.trim();
    const terms = words(asked);
    const whole = fold(asked);
    const found = terms.length
      ? entries.map((entry, at) => [score(entry, terms, whole), at]).filter(([points]) => points > 0)
      : [];
    found.sort((one, other) => other[0] - one[0] || one[1] - other[1]);
    list.replaceChildren(...found.slice(0, MOST).map(([, at]) => shown(entries[at])));
    const more = found.length > MOST ? `, the first ${MOST} are shown` : "";
    status.textContent = terms.length ? `${found.length} found${more}` : "";
  }

  function asked() {
    const given = new URLSearchParams(location.hash.slice(1));
    return given.get("q") ?? new URLSearchParams(location.search).get("q") ?? "";
  }

  field.addEventListener("input", () => {
    history.replaceState(null, "", field.value ? `#q=${encodeURIComponent(field.value)}` : "#");
    find();
  });
  self.addEventListener("hashchange", () => { field.value = asked(); find(); });
  document.addEventListener("keydown", (event) => {
    const heads = [...list.querySelectorAll("li > p:first-child > a")];
    const at = heads.indexOf(document.activeElement);
    if (event.key === "ArrowDown" && (document.activeElement === field || at >= 0) && heads[at + 1]) heads[at + 1].focus();
    else if (event.key === "ArrowUp" && at >= 0) (heads[at - 1] || field).focus();
    else if (event.key === "Enter" && document.activeElement === field && heads[0]) heads[0].click();
    else return;
    event.preventDefault();
  });
  field.value = asked();
  find();
  field.focus();
})();
