// One entry of a chat as elements.
import { templateCard } from "./cards.js";
import { h, icon } from "./dom.js";
import { appText, cardText, link, markdown, withAddresses } from "./richtext.js";
import { TEXTS } from "./texts.js";

const MINUTES_APART = 5; // between two time lines

// "14:05", or with the day when that is not today's (both ISO 8601 with the platform's own offset).
export function clock(at, today) {
  const [, month, day] = at.slice(0, 10).split("-").map(Number);
  const time = at.slice(11, 16);
  return at.slice(0, 10) === today.slice(0, 10) ? time : `${month}月${day}日 ${time}`;
}

// The line above an entry when time has passed since the one before.
export function timeLine(entry, before, today) {
  const apart = before ? Date.parse(entry.at) - Date.parse(before.at) : Infinity;
  if (apart < MINUTES_APART * 60_000) return null;
  return h("p", { class: "time" }, h("time", { datetime: entry.at }, clock(entry.at, today)));
}

// `on.inspect(entry)` opens the wire's view, `on.press(entry, key, chosen)` answers a card.
export function row(entry, names, exchange, on) {
  if (entry.recalled) return note(entry, TEXTS.recalled(names.app));
  if (entry.side === "note") return note(entry, entry.message.note.content, statusButton(entry, exchange, on));
  const own = entry.side === "person";
  return h(
    "div",
    { class: `row ${entry.side}`, "data-entry": entry.id },
    h("span", { class: `avatar ${own ? `tone-${names.tone}` : "app-avatar"}`, "aria-hidden": "true" }, own ? names.me[0] : ""),
    h(
      "div",
      { class: "said" },
      h("span", { class: "visually-hidden" }, TEXTS.says(own ? names.me : names.app)),
      content(entry, on),
      entry.flags.map((flag) => h("p", { class: "flag" }, flag)),
    ),
    statusButton(entry, exchange, on),
  );
}

function note(entry, words, button) {
  return h("div", { class: "note", "data-entry": entry.id }, h("span", {}, words), button);
}

export function typing(names) {
  const dots = h("span", { class: "bubble typing" }, h("i"), h("i"), h("i"));
  return h("div", { class: "row app", id: "typing", "aria-hidden": "true" }, h("span", { class: "avatar app-avatar" }), dots);
}

// Like the client's 已读: how the message fared, and the way to its wire.
function statusButton(entry, exchange, on) {
  const { label, bad } = entry.side === "app" ? { label: entry.pushed ? TEXTS.push : TEXTS.reply } : status(exchange);
  const attributes = { type: "button", "aria-label": TEXTS.inspect(label), onclick: () => on.inspect(entry) };
  return h("button", { class: bad ? "fate bad" : "fate", ...attributes }, label);
}

function status(exchange) {
  const attempts = exchange?.attempts ?? [];
  const last = attempts.at(-1);
  if (!exchange?.done) return { label: attempts.length ? TEXTS.retrying(attempts.length) : TEXTS.waiting };
  if (last.outcome === "invalid") return { label: TEXTS.refused, bad: true };
  if (!["reply", "empty"].includes(last.outcome)) return { label: TEXTS.undelivered, bad: true };
  return { label: TEXTS.tookMs(last.ms) };
}

function content(entry, on) {
  const kind = entry.message.msgtype;
  const body = entry.message[kind] ?? {};
  const make = CONTENTS[kind];
  return make ? make(body, entry, on) : bubble(`[${kind}]`);
}

const bubble = (...children) => h("div", { class: "bubble" }, ...children);

const CONTENTS = {
  text: (body, entry) => bubble(...(entry.side === "app" ? appText(body.content) : withAddresses(body.content))),
  markdown: (body) => h("div", { class: "bubble markdown" }, ...markdown(body.content)),
  image: (body) => h("img", { class: "picture", src: `media/${body.media_id}`, alt: TEXTS.picture }),
  voice: () => h("div", { class: "bubble media" }, icon("wave"), TEXTS.voice),
  video: (body) => h("div", { class: "bubble media" }, icon("image"), body.title || TEXTS.video),
  file: () => h("div", { class: "bubble media" }, icon("file"), TEXTS.file),
  location: (body) =>
    h("div", { class: "card place" }, h("p", { class: "card-title" }, body.label), h("div", { class: "map" }, icon("place"))),
  link: (body) => article({ ...body }),
  textcard: (body) =>
    h(
      "div",
      { class: "card textcard" },
      h("p", { class: "card-title" }, body.title),
      h("div", { class: "card-text" }, ...cardText(body.description)),
      h("div", { class: "card-link" }, link(body.url, body.btntxt || TEXTS.details)),
    ),
  news: (body) => h("div", { class: "card" }, ...body.articles.map(article)),
  mpnews: (body) => h("div", { class: "card" }, ...body.articles.map((one) => article({ ...one, description: one.digest }))),
  template_card: (body, entry, on) =>
    templateCard(body, entry.replaced, (key, chosen) => on.press(entry, key, chosen)),
};

function article({ title, description, url }) {
  return h(
    "div",
    { class: "article" },
    h("p", { class: "card-title" }, link(url ?? "", title)),
    description && h("p", { class: "card-text" }, description),
  );
}
