const list = document.getElementById("mails");
const template = document.getElementById("mail");
let shown = null;

function entry(mail) {
  const node = template.content.cloneNode(true);
  const put = (selector, text) => { node.querySelector(selector).textContent = text; };
  put(".subject", mail.subject);
  put(".from", mail.from);
  put(".to", mail.to.join(", "));
  put(".text", mail.text.trim());
  put(".files", mail.files.map((file) => file.name).join(", "));
  put("time", mail.date ? new Date(mail.date).toLocaleString() : "");
  const code = /(?<!\d)\d{6}(?!\d)/.exec(mail.text);
  if (code) {
    const button = node.querySelector(".code");
    button.hidden = false;
    button.textContent = code[0];
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(code[0]);
      button.textContent = "copied";
      setTimeout(() => { button.textContent = code[0]; }, 1000);
    });
  }
  const details = node.querySelector("details");
  if (mail.html) {
    // Filled only when it is opened: a mail's pictures are nobody's business before.
    details.addEventListener("toggle", () => { details.querySelector("iframe").srcdoc = mail.html; }, { once: true });
  } else {
    details.remove();
  }
  return node;
}

function note(text) {
  const node = document.createElement("p");
  node.className = "empty";
  node.textContent = text;
  list.replaceChildren(node);
}

async function refresh() {
  try {
    const mails = await (await fetch("/dev/mail.json")).json();
    const newest = mails.map((mail) => mail.id).join();
    if (newest === shown) return;
    shown = newest;
    if (mails.length === 0) return note("No mail yet. Ask for a login code, for example.");
    list.replaceChildren(...mails.map(entry));
  } catch {
    shown = null;
    note("The server does not answer.");
  }
}

document.getElementById("clear").addEventListener("click", async () => {
  await fetch("/dev/mail.json", { method: "DELETE" });
  refresh();
});
refresh();
setInterval(refresh, 2000);
