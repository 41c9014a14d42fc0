// The chat client: keeps what the stream of events tells, shows one person's chat, posts what the person does.
import { row, timeLine, typing } from "./bubbles.js";
import { callView, exchangeView } from "./inspector.js";
import { fillMenu, place } from "./menu.js";
import { TEXTS } from "./texts.js";
import { showTime, timeControls } from "./time.js";

const $ = (id) => document.getElementById(id);
const log = $("log");
const box = $("box");
const wide = matchMedia("(min-width: 1080px)");
const people = [...document.querySelectorAll(".person")];

const MAX_CALLS = 30; // shown, newest first

const entries = new Map(); // id -> entry
const exchanges = new Map();
const calls = new Map();
const outside = new Set(); // user ids that cannot see the app
const unread = new Map(); // user id -> count
const entered = new Set(); // user ids that opened the app on this page
let ready = false; // the past has been told
let me = null; // the person's button
let atEnd = true; // the newest entry is in sight
let picked = null; // the entry whose wire is shown; null follows the newest

// What the person does

async function act(what) {
  const body = JSON.stringify({ user: me.dataset.user, ...what });
  await fetch("act", { method: "POST", headers: { "Content-Type": "application/json" }, body });
}

function send(text) {
  const trimmed = text.trim();
  if (trimmed) act({ do: "text", text: trimmed });
}

function become(button) {
  me = button;
  for (const person of people) person.setAttribute("aria-pressed", String(person === me));
  history.replaceState(null, "", `#${me.dataset.user}`);
  const avatar = $("my-avatar");
  avatar.className = `avatar small tone-${me.dataset.tone}`;
  avatar.textContent = me.dataset.name[0];
  unread.delete(me.dataset.user);
  picked = null;
  showBadge(me);
  showChat();
  showRange();
  enter();
}

function enter() {
  const user = me.dataset.user;
  if (!ready || entered.has(user) || outside.has(user)) return;
  entered.add(user);
  act({ do: "enter" });
}

// The chat

const names = () => ({ app: log.dataset.app, me: me.dataset.name, tone: me.dataset.tone });
const mine = () => [...entries.values()].filter((e) => e.user === me.dataset.user).sort((a, b) => a.number - b.number);
const today = () => [...entries.values()].reduce((latest, e) => (e.at > latest ? e.at : latest), "");
const on = {
  inspect: (entry) => {
    picked = entry;
    showWire();
    if (!wide.matches) $("inspector").showPopover();
  },
  press: (entry, key, chosen) => act({ do: "press", entry: entry.id, key, chosen }),
};

const toEnd = () => (log.scrollTop = log.scrollHeight);
log.addEventListener("scroll", () => (atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 120));
new ResizeObserver(() => atEnd && toEnd()).observe(log); // the clock above it opens and closes

const rowOf = (entry) => row(entry, names(), exchanges.get(entry.source), on);

function showChat() {
  log.setAttribute("aria-busy", "true");
  const all = mine();
  log.replaceChildren(...all.flatMap((entry, i) => [timeLine(entry, all[i - 1], today()), rowOf(entry)].filter(Boolean)));
  log.removeAttribute("aria-busy");
  showTyping();
  showWire();
  toEnd();
}

function showEntry(entry) {
  const known = log.querySelector(`[data-entry="${entry.id}"]`);
  if (known) return known.replaceWith(rowOf(entry));
  const before = mine().at(-2);
  const line = timeLine(entry, before, today());
  $("typing")?.remove();
  log.append(...[line, rowOf(entry)].filter(Boolean));
  showTyping();
  if (atEnd || entry.side === "person") toEnd();
}

function showTyping() {
  const waiting = [...exchanges.values()].some((e) => e.user === me.dataset.user && !e.done);
  $("typing")?.remove();
  $("status").textContent = waiting ? TEXTS.typing(names().app) : "";
  if (!waiting) return;
  log.append(typing());
  if (atEnd) toEnd();
}

function showBadge(person) {
  const count = unread.get(person.dataset.user) ?? 0;
  const badge = person.querySelector(".badge");
  badge.hidden = count === 0;
  badge.textContent = count > 99 ? "99+" : count;
  badge.setAttribute("aria-label", TEXTS.unread(count));
}

// The wire

function showWire() {
  const followed = picked ?? mine().findLast((entry) => exchanges.has(entry.source));
  const view = exchangeView(exchanges.get(followed?.source), calls.get(followed?.source));
  keepOpen($("exchange"), view);
  for (const marked of log.querySelectorAll(".picked")) marked.classList.remove("picked");
  if (picked) log.querySelector(`[data-entry="${picked.id}"]`)?.classList.add("picked");
}

// Replaces a view without closing what the reader had opened in it.
function keepOpen(holder, view) {
  const open = [...holder.querySelectorAll("details")].map((details) => details.open);
  holder.replaceChildren(view);
  [...holder.querySelectorAll("details")].forEach((details, i) => (details.open = open[i] ?? details.open));
}

function showCalls() {
  const newest = [...calls.values()].slice(-MAX_CALLS).reverse();
  const open = new Set([...$("calls").querySelectorAll("[open]")].map((details) => details.dataset.call));
  $("calls").replaceChildren(...newest.map((call) => callView(call, open.has(call.id))));
  if (!newest.length) $("calls").textContent = TEXTS.noCalls;
}

function showRange() {
  const gone = outside.has(me.dataset.user);
  $("range").setAttribute("aria-pressed", String(gone));
  $("range").textContent = gone ? TEXTS.join : TEXTS.leave;
  for (const control of $("composer").elements) control.disabled = gone;
  showPresence();
}

function showPresence(connected = true) {
  const gone = outside.has(me.dataset.user);
  $("presence").textContent = !connected ? TEXTS.offline : gone ? TEXTS.outside : TEXTS.online;
}

// What the stream tells

const tell = {
  reset: () => {
    for (const store of [entries, exchanges, calls, unread]) store.clear();
    outside.clear();
    entered.clear();
    ready = false;
    fillMenu($("app-menu"), {}, choose);
  },
  ready: () => {
    ready = true;
    showChat();
    showCalls();
    showRange();
    enter();
  },
  entry: (entry) => {
    const isNew = !entries.has(entry.id);
    entries.set(entry.id, entry);
    if (!ready) return;
    if (entry.user === me.dataset.user) showEntry(entry);
    else if (isNew && entry.side === "app") {
      unread.set(entry.user, (unread.get(entry.user) ?? 0) + 1);
      showBadge(people.find((person) => person.dataset.user === entry.user));
    }
  },
  exchange: (exchange) => {
    exchanges.set(exchange.id, exchange);
    if (ready && exchange.kind === "verify") keepOpen($("exchange"), exchangeView(exchange)); // nobody's chat shows it
    if (!ready || exchange.user !== me.dataset.user) return;
    const entry = mine().find((one) => one.source === exchange.id && one.side !== "app");
    if (entry) showEntry(entry);
    showTyping();
    showWire();
  },
  call: (call) => {
    calls.set(call.id, call);
    if (ready) showCalls();
  },
  person: ({ user, visible }) => {
    outside[visible ? "delete" : "add"](user);
    if (ready) showRange();
  },
  time: showTime,
  menu: (menu) => fillMenu($("app-menu"), menu, choose),
  settings: ({ silent, faults }) => {
    $("silence").value = String(silent);
    $("fault").value = faults[0] ?? "";
  },
};

function choose(button) {
  if (button.type === "view") {
    open(button.url, "_blank", "noopener");
    act({ do: "view", url: button.url });
  } else act({ do: "click", key: button.key });
}

function listen() {
  const stream = new EventSource("events");
  for (const [kind, take] of Object.entries(tell)) stream.addEventListener(kind, (event) => take(JSON.parse(event.data)));
  stream.onopen = () => showPresence();
  stream.onerror = () => showPresence(false);
}

// The controls

function grow() {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
}

function submit() {
  send(box.value);
  box.value = "";
  grow();
}

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
  box.focus();
});

box.addEventListener("input", grow);
box.addEventListener("keydown", (event) => {
  // While an input method composes, Enter chooses a word; 229 is how older engines say so.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  submit();
});

for (const chip of document.querySelectorAll(".chip")) chip.addEventListener("click", () => send(chip.textContent));

for (const person of people)
  person.addEventListener("click", () => {
    if ($("people").matches(":popover-open")) $("people").hidePopover();
    become(person);
  });

$("extras").addEventListener("toggle", ({ newState }) => newState === "open" && place($("extras"), document.querySelector(".more")));

for (const extra of document.querySelectorAll("[data-extra]"))
  extra.addEventListener("click", () => {
    $("extras").hidePopover();
    if (extra.dataset.extra === "image") $("picture").click();
    else act({ do: extra.dataset.extra });
  });

$("picture").addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  target.value = "";
  if (!file) return;
  const answer = await fetch(`image?user=${encodeURIComponent(me.dataset.user)}`, { method: "POST", body: file });
  if (!answer.ok) $("status").textContent = TEXTS.pictureRefused;
});

$("silence").addEventListener("change", ({ target }) => act({ do: "silence", attempts: Number(target.value) }));
$("fault").addEventListener("change", ({ target }) => act({ do: "fault", label: target.value }));
$("verify").addEventListener("click", () => act({ do: "verify" }));
$("expire").addEventListener("click", () => act({ do: "expire" }));
$("range").addEventListener("click", () => act({ do: outside.has(me.dataset.user) ? "join" : "leave" }));

timeControls(act);
become(people.find((person) => `#${person.dataset.user}` === location.hash) ?? people[0]);
listen();
