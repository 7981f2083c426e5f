// Passkeys: the browser is asked, its answer goes into the form, and the form is sent. Without them the other ways work.

const can = window.PublicKeyCredential && PublicKeyCredential.parseCreationOptionsFromJSON && navigator.credentials;

async function answer(button) {
  const token = button.form.elements.csrf_token.value;
  const asked = await fetch(button.dataset.passkey, { method: "POST", body: new URLSearchParams({ csrf_token: token }) });
  const options = await asked.json();
  const made =
    "make" in button.dataset
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  return JSON.stringify(made);
}

document.querySelectorAll("[data-passkey-none]").forEach((note) => (note.hidden = Boolean(can)));

document.querySelectorAll("[data-passkey-part]").forEach((part) => {
  const button = part.querySelector("[data-passkey]");
  const failed = part.querySelector("[data-passkey-failed]");
  part.hidden = !can;
  button.addEventListener("click", async () => {
    failed.hidden = true;
    try {
      button.form.elements.passkey.value = await answer(button);
    } catch {
      failed.hidden = false;
      return;
    }
    button.form.submit();
  });
});
