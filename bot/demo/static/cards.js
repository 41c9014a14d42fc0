// Template cards: https://developer.work.weixin.qq.com/document/path/90236
import { h } from "./dom.js";
import { link } from "./richtext.js";

// `press(key, chosen)` is called with the button's key and {question_key: [option ids]}.
export function templateCard(card, replaced, press) {
  const fields = questions(card);
  const chosen = () => Object.fromEntries(fields.map(({ key, read }) => [key, read()]));
  const button = ({ text, key, type, url, style }) =>
    type === 1
      ? link(url, text)
      : h("button", { type: "button", class: `card-button style-${style ?? 1}`, onclick: () => press(key, chosen()) }, text);
  const buttons = [...(card.button_list ?? []), card.submit_button, ...(card.action_menu?.action_list ?? [])];
  return h(
    "div",
    { class: "card template-card" },
    card.source?.desc && h("p", { class: "card-source" }, card.source.desc),
    title(card),
    card.quote_area?.quote_text && h("blockquote", {}, card.quote_area.title, " ", card.quote_area.quote_text),
    card.sub_title_text && h("p", { class: "card-text" }, card.sub_title_text),
    (card.vertical_content_list ?? []).map((part) => h("p", { class: "card-text" }, part.title, " ", part.desc ?? "")),
    pairs(card.horizontal_content_list ?? []),
    fields.map(({ element }) => element),
    replaced
      ? h("p", { class: "card-replaced" }, replaced)
      : h("div", { class: "card-buttons" }, ...buttons.filter(Boolean).map(button)),
    links(card),
  );
}

function title(card) {
  return [
    card.main_title?.title && h("p", { class: "card-title" }, card.main_title.title),
    card.main_title?.desc && h("p", { class: "card-text" }, card.main_title.desc),
    card.emphasis_content?.title && h("p", { class: "card-emphasis" }, card.emphasis_content.title),
    card.emphasis_content?.desc && h("p", { class: "card-text centre" }, card.emphasis_content.desc),
  ];
}

function pairs(list) {
  if (!list.length) return null;
  const value = (pair) => (pair.type === 1 ? link(pair.url ?? "", pair.value) : pair.value ?? "");
  return h("dl", {}, ...list.flatMap((pair) => [h("dt", {}, pair.keyname), h("dd", {}, value(pair))]));
}

function links(card) {
  const targets = (card.jump_list ?? []).map((jump) => [jump.url, jump.title]);
  if (card.card_action?.type === 1) targets.push([card.card_action.url, "查看详情"]);
  return targets.map(([url, words]) => h("div", { class: "card-link" }, link(url ?? "", words)));
}

// The card's questions: {key, element, read() -> option ids}.
function questions(card) {
  const fields = [];
  if (card.checkbox) fields.push(ticks(card.checkbox));
  for (const select of [card.button_selection, ...(card.select_list ?? [])].filter(Boolean)) fields.push(choice(select));
  return fields;
}

function ticks(question) {
  const type = question.mode === 1 ? "checkbox" : "radio";
  const name = `question-${crypto.randomUUID()}`;
  const boxes = question.option_list.map((option) =>
    h("label", {}, h("input", { type, name, value: option.id, checked: Boolean(option.is_checked) }), option.text),
  );
  const element = h("fieldset", {}, ...boxes);
  const read = () => [...element.querySelectorAll(":checked")].map((box) => box.value);
  return { key: question.question_key, element, read };
}

function choice(question) {
  const options = question.option_list.map((option) =>
    h("option", { value: option.id, selected: option.id === question.selected_id }, option.text),
  );
  const select = h("select", {}, ...options);
  return { key: question.question_key, element: h("label", {}, question.title ?? "", select), read: () => [select.value] };
}
