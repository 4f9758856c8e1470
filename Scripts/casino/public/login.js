// Finds out who plays, then starts the lobby: for portals whose players log in somewhere else.
//
// The server has filled in the user where it knows (data-user). Else the place where people log in sends the browser back
// with a token behind the # of the address; the portal says whose it is. Else there is a link to that place: data-login-url,
// in which {page} stands for the address of this page and {state} for a word that must come back with the token.

const config = document.body.dataset;
const STATE_KEY = "login-state";

function panel(title, text, link) {
  const main = document.getElementById("main");
  const box = document.createElement("section");
  box.className = "plain";
  const head = document.createElement("h1");
  head.textContent = title;
  const words = document.createElement("p");
  words.textContent = text;
  box.append(head, words);
  if (link) {
    const anchor = document.createElement("a");
    anchor.id = "login";
    anchor.className = "button";
    anchor.href = link;
    anchor.target = "_top"; // log-in pages refuse to be shown in a frame
    anchor.textContent = "Log in";
    const line = document.createElement("p");
    line.append(anchor);
    box.append(line);
  }
  main.replaceChildren(box);
  document.getElementById("status").lastElementChild.textContent = "Not logged in";
}

function loginLink() {
  if (!config.loginUrl) return null;
  const state = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  sessionStorage.setItem(STATE_KEY, state);
  const page = location.origin + location.pathname + location.search;
  return config.loginUrl.replaceAll("{page}", encodeURIComponent(page)).replaceAll("{state}", state);
}

/** The token behind the #, if there is one that was asked for. */
function tokenInAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const token = given.get("access_token") ?? given.get("token");
  if (!token) return null;
  // Not to be seen, sent on or gone back to.
  history.replaceState(null, "", location.pathname + location.search);
  const expected = sessionStorage.getItem(STATE_KEY);
  sessionStorage.removeItem(STATE_KEY);
  // Without this somebody could send people here with a token of his own, to have them play on his account.
  if (config.loginUrl.includes("{state}") && (!expected || given.get("state") !== expected)) return null;
  return token;
}

async function userOf(token) {
  const reply = await fetch(config.portal + location.search, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ access_token: token }),
  });
  return reply.ok ? await reply.json() : null;
}

async function begin() {
  if (config.user !== "null") return import("./app.js");
  const token = tokenInAddress();
  const how = config.loginUrl ? "Log in, and the games are yours." : "Please come here from the place where you log in.";
  if (!token) return panel("Who is playing?", how, loginLink());
  let user;
  try {
    user = await userOf(token);
  } catch {
    return panel("No connection", "The server cannot be reached at the moment.", loginLink());
  }
  if (!user) return panel("Not logged in", "That log-in is not good here, or is over.", loginLink());
  config.user = JSON.stringify(user);
  return import("./app.js");
}

await begin();
