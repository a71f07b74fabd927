/**
 * What moves the diagram in its page. It is text, as browsers run it as it stands here: a function of TypeScript would be
 * changed by whatever compiles it.
 */
export const PAGE_SCRIPT = `"use strict";
const svg = document.querySelector("main svg");
const byId = (id) => document.getElementById(id);
const size = { width: svg.viewBox.baseVal.width, height: svg.viewBox.baseVal.height };
const LARGEST = 8;
// The point of the diagram at the left and top of the window, and how many pixels one of its own takes there.
let view = { x: 0, y: 0, scale: 1 };

function show(next) {
  const { width, height } = svg.getBoundingClientRect();
  const scale = Math.min(Math.max(next.scale, smallest()), LARGEST);
  // Half the window at least stays on the diagram.
  const within = (at, shown, length) => Math.min(Math.max(at, -shown / 2), length - shown / 2);
  view = { scale, x: within(next.x, width / scale, size.width), y: within(next.y, height / scale, size.height) };
  svg.setAttribute("viewBox", [view.x, view.y, width / scale, height / scale].join(" "));
}

function fitting() {
  const { width, height } = svg.getBoundingClientRect();
  return Math.min(width / size.width, height / size.height);
}

function smallest() {
  return Math.min(fitting(), 1) / 2;
}

function centre(x, y, scale) {
  const { width, height } = svg.getBoundingClientRect();
  show({ scale, x: x - width / scale / 2, y: y - height / scale / 2 });
}

function fit() {
  centre(size.width / 2, size.height / 2, Math.min(fitting(), 1.5));
}

// Zooms about a point of the window, which stays where it is.
function zoom(factor, clientX, clientY) {
  const { left, top, width, height } = svg.getBoundingClientRect();
  const [x, y] = [(clientX ?? left + width / 2) - left, (clientY ?? top + height / 2) - top];
  const scale = Math.min(Math.max(view.scale * factor, smallest()), LARGEST);
  show({ scale, x: view.x + x / view.scale - x / scale, y: view.y + y / view.scale - y / scale });
}

function pan(dx, dy) {
  show({ ...view, x: view.x - dx / view.scale, y: view.y - dy / view.scale });
}

svg.addEventListener("wheel", (event) => {
  event.preventDefault();
  const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1);
  // Two fingers on a touchpad pinch by small steps with ctrl.
  zoom(Math.exp(-Math.max(Math.min(pixels, 240), -240) * (event.ctrlKey ? 0.01 : 0.002)), event.clientX, event.clientY);
}, { passive: false });

// The fingers, or the mouse, that are down.
const pointers = new Map();
let travelled = 0;
svg.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  if (pointers.size === 0) travelled = 0;
  pointers.set(event.pointerId, event);
});
svg.addEventListener("pointermove", (event) => {
  const before = pointers.get(event.pointerId);
  if (before === undefined) return;
  const [other] = [...pointers.values()].filter((each) => each.pointerId !== event.pointerId);
  pointers.set(event.pointerId, event);
  const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
  travelled += Math.abs(dx) + Math.abs(dy);
  if (travelled < 4) return;
  if (!svg.hasPointerCapture(event.pointerId)) svg.setPointerCapture(event.pointerId);
  svg.classList.add("moving");
  if (other === undefined) return pan(dx, dy);
  const distance = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
  pan(dx / 2, dy / 2);
  zoom(distance(event) / distance(before), (event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2);
});
for (const end of ["pointerup", "pointercancel"])
  svg.addEventListener(end, (event) => {
    pointers.delete(event.pointerId);
    if (pointers.size === 0) svg.classList.remove("moving");
  });

// A click on a table shows what it has to do with others.
const references = [...svg.querySelectorAll(".reference")];
const tables = [...svg.querySelectorAll(".table")];
svg.addEventListener("click", (event) => {
  if (travelled >= 4) return;
  const table = event.target.closest(".table");
  const wasChosen = table !== null && table.classList.contains("chosen-table");
  choose(wasChosen ? null : table);
});

function choose(table) {
  const name = table === null ? undefined : table.dataset.table;
  const near = new Set([name]);
  for (const reference of references) {
    const { fromTable, toTable } = reference.dataset;
    const isNear = fromTable === name || toTable === name;
    reference.classList.toggle("near", isNear);
    if (isNear) near.add(fromTable).add(toTable);
  }
  for (const each of tables) {
    each.classList.toggle("near", table !== null && near.has(each.dataset.table));
    each.classList.toggle("chosen-table", each === table);
  }
  svg.classList.toggle("chosen", table !== null);
}

// What the search finds, and which of them is looked at.
const search = byId("search");
let matches = [];
let current = -1;

function find() {
  const word = search.value.trim().toLowerCase();
  const has = (text) => word !== "" && text !== undefined && text.toLowerCase().includes(word);
  matches = [];
  choose(null);
  for (const table of tables) {
    const columns = [...table.querySelectorAll(".column")];
    // "orders.id" is a column of a table.
    const prefix = word.includes(".") ? table.dataset.table + "." : "";
    const isFound = ({ dataset: { column, property } }) => has(prefix + column) || has(prefix + property);
    const found = columns.filter(isFound);
    for (const column of columns) column.classList.toggle("found", found.includes(column));
    const isNamed = has(table.dataset.table);
    table.classList.toggle("named", isNamed);
    table.classList.toggle("found", isNamed || found.length > 0);
    matches.push(...(isNamed ? [table] : []), ...found);
  }
  svg.classList.toggle("searching", word !== "");
  look(matches.length > 0 ? 0 : -1);
}

function look(at) {
  for (const each of svg.querySelectorAll(".current")) each.classList.remove("current");
  current = at;
  const match = matches[at];
  byId("matches").textContent =
    match !== undefined ? at + 1 + " of " + matches.length : search.value.trim() === "" ? "" : "nothing found";
  if (match === undefined) return;
  match.classList.add("current");
  const { x, y, width, height } = match.getBoundingClientRect();
  const { left, top } = svg.getBoundingClientRect();
  const scale = Math.max(view.scale, 0.9);
  centre(view.x + (x + width / 2 - left) / view.scale, view.y + (y + height / 2 - top) / view.scale, scale);
}

search.addEventListener("input", find);
search.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && matches.length > 0)
    look((current + (event.shiftKey ? matches.length - 1 : 1)) % matches.length);
  if (event.key !== "Escape") return;
  search.value = "";
  find();
  search.blur();
});

byId("in").addEventListener("click", () => zoom(1.3));
byId("out").addEventListener("click", () => zoom(1 / 1.3));
byId("fit").addEventListener("click", fit);

const KEYS = {
  "+": () => zoom(1.3),
  "=": () => zoom(1.3),
  "-": () => zoom(1 / 1.3),
  0: fit,
  "/": () => search.focus(),
  ArrowLeft: () => pan(80, 0),
  ArrowRight: () => pan(-80, 0),
  ArrowUp: () => pan(0, 80),
  ArrowDown: () => pan(0, -80),
  Escape: () => choose(null),
};
addEventListener("keydown", (event) => {
  if (event.target === search || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});
addEventListener("resize", () => show(view));
fit();
`;
