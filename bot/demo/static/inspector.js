// The wire laid open: one exchange with its attempts, and the calls of the API.
import { h } from "./dom.js";
import { TEXTS } from "./texts.js";

const block = (title, text) =>
  text ? h("details", {}, h("summary", {}, title), h("pre", { tabindex: "0" }, text)) : null;

export function exchangeView(exchange, call) {
  if (exchange) return exchangeCard(exchange);
  if (call) return callView(call, true);
  return h("p", { class: "hint" }, TEXTS.noExchange);
}

function exchangeCard(exchange) {
  return h(
    "article",
    { class: "wire" },
    h("p", { class: "wire-title" }, h("code", {}, exchange.kind), ` ${exchange.user}`, time(exchange.at)),
    block(TEXTS.sentPlain, exchange.plain),
    exchange.attempts.map(attemptView),
  );
}

function attemptView(attempt, index) {
  const good = ["reply", "empty"].includes(attempt.outcome);
  return h(
    "section",
    { class: "attempt" },
    h(
      "p",
      { class: "attempt-title" },
      h("strong", {}, TEXTS.attempt(index + 1)),
      h("span", { class: good ? "tag good" : "tag bad" }, TEXTS.outcomes[attempt.outcome]),
      attempt.simulated && h("span", { class: "tag" }, TEXTS.simulated),
      h("span", { class: "numbers" }, [attempt.status, `${attempt.ms} ms`].filter(Boolean).join(" · ")),
    ),
    attempt.problems.map((problem) => h("p", { class: "flag" }, problem)),
    block(TEXTS.query, attempt.query.replaceAll("&", "\n")),
    block(TEXTS.sentCipher, attempt.sent),
    attempt.reply ? block(TEXTS.gotPlain, attempt.reply) : null,
    block(attempt.reply ? TEXTS.gotCipher : TEXTS.got, attempt.received),
  );
}

export function callView(call, open = false) {
  const tag = call.errcode == null ? TEXTS.noAnswer : String(call.errcode);
  return h(
    "details",
    { class: "call", "data-call": call.id, open },
    h(
      "summary",
      {},
      h("code", {}, call.path),
      h("span", { class: call.errcode === 0 ? "tag good" : "tag bad" }, tag),
      h("span", { class: "numbers" }, `${call.ms} ms`),
      time(call.at),
    ),
    call.fault && h("p", { class: "flag" }, `${TEXTS.simulated}：${call.fault}`),
    h("p", { class: "pre-title" }, TEXTS.request),
    h("pre", { tabindex: "0" }, call.request),
    h("p", { class: "pre-title" }, TEXTS.answer),
    h("pre", { tabindex: "0" }, call.answer || TEXTS.noAnswer),
  );
}

const time = (at) => h("time", { datetime: at }, at.slice(11, 19));
