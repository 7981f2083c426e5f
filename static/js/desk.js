// The desk by keyboard, and small conveniences. Every page of the desk works without it.

const OFF = "desk-keys-off";
const all = (what) => [...document.querySelectorAll(what)];
const keys = document.querySelector("[data-keys]");
const isOn = document.querySelector("[data-keys-on]");

if (keys) {
  keys.hidden = false;
  isOn.checked = localStorage.getItem(OFF) === null;
  isOn.addEventListener("change", () => (isOn.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
}

// On a wide screen there is room for the filters.
if (matchMedia("(min-width: 68rem)").matches) all("[data-wide-open]").forEach((part) => (part.open = true));

// In a long list, the line that is opened is in sight.
all(".rows .on").forEach((line) => line.scrollIntoView({ block: "nearest" }));

function step(by) {
  const links = all(".rows .first a");
  const opened = links.findIndex((link) => link.ariaCurrent === "true" || link.getAttribute("aria-current") === "true");
  const focused = links.findIndex((link) => link.closest("li").contains(document.activeElement));
  const next = links[(focused >= 0 ? focused : opened) + by];
  if (!next) return;
  if (opened >= 0) next.click();
  else next.focus();
}

const acts = {
  j: () => step(1),
  k: () => step(-1),
  x: () => document.activeElement.closest(".rows li")?.querySelector(".tick")?.click(),
  a: () => document.querySelector("a[data-all]")?.click(),
  p: () => document.querySelector("[data-propose] button")?.focus(),
  u: () => document.querySelector("a[data-list]")?.click(),
  "?": () => {
    keys.open = !keys.open;
    keys.querySelector("summary").focus();
  },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not(.tick), select, textarea")) return;
  const act = keys && isOn.checked && acts[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});

// How many are chosen.
const chosen = document.querySelector("[data-chosen]");
document.addEventListener("change", () => {
  if (!chosen) return;
  const number = all(".tick:checked").length;
  chosen.hidden = number === 0;
  chosen.querySelector("b").textContent = number;
});

// Copy what stands in a field.
all("[data-copy]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value));
});
