// Look for new mail every three seconds, and change the page only when there is some.
const place = document.getElementById("mails");

async function look() {
  try {
    const answer = await fetch(location.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("mails");
    if (fresh && fresh.innerHTML !== place.innerHTML) place.innerHTML = fresh.innerHTML;
  } catch {
    // The site was stopped; it may come back.
  }
  setTimeout(look, 3000);
}

setTimeout(look, 3000);
