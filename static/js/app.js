// Two kindnesses; every page works without them.

// Leave quickly: the page we leave is replaced in the history, so Back does not return to it.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-leave]");
  if (!link) return;
  event.preventDefault();
  location.replace(link.href);
});

// After a form that needs another look, start at the list of what to fix.
document.querySelector("[data-focus]")?.focus();
