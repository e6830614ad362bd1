// Lets the browser make or use a passkey, and sends the form that the button stands in. Everything else works without.
"use strict";

for (const button of document.querySelectorAll("button[data-passkey]")) {
  if (!window.PublicKeyCredential || !PublicKeyCredential.parseRequestOptionsFromJSON) {
    for (const words of document.querySelectorAll("[data-passkey-unknown]")) words.hidden = false;
    continue;
  }
  button.hidden = false;
  for (const words of button.form.querySelectorAll("[data-passkey-words]")) words.hidden = false;
  button.addEventListener("click", async () => {
    const failed = button.form.querySelector("[data-passkey-failed]");
    const options = JSON.parse(button.dataset.options);
    failed.hidden = true;
    try {
      const made = button.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      button.form.elements.passkey_code.value = JSON.stringify(made.toJSON());
      button.form.submit();
    } catch {
      failed.hidden = false;
    }
  });
}
