// Hands a ticket to the route that sets the cookie, then loads the page again: a connection keeps the cookies it began with.

export default function ({ data, setTriggerValue }) {
  if (window.__segcoreClaimed === data.ticket) return;
  window.__segcoreClaimed = data.ticket;
  fetch("/auth/claim", { method: "POST", headers: { "x-ticket": data.ticket }, credentials: "same-origin" })
    .then((answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      const wanted = new URL(window.location.href);
      // A link for one use has been used: it leaves the address, and the browser's history with it.
      wanted.searchParams.delete("link");
      window.history.replaceState(null, "", wanted);
      window.location.reload();
    })
    .catch(() => setTriggerValue("refused", data.ticket));
}
