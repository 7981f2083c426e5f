// Five kindnesses; every page works without them.

// Leave quickly: at once, however slow the network; and Back does not return to the page we leave.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-leave]");
  if (!form) return;
  event.preventDefault();
  document.title = "";
  document.body.hidden = true;
  fetch(form.action, { method: "POST", redirect: "manual", keepalive: true }).catch(() => {});
  location.replace(form.dataset.leave);
});

// A private link does not stay in the address bar, nor in the history.
const secret = document.querySelector("[data-forget]");
if (secret) history.replaceState(null, "", secret.dataset.forget);

// After a form that needs another look, start at the list of what to fix.
const fix = document.querySelector("[data-focus]");
if (fix) fix.focus();

// A button to print, where it can.
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => print());
});

// After showing again who one is, what was being sent goes on by itself.
const going = document.querySelector("form[data-go-on]");
if (going) going.submit();
