// Text from messages as nodes. Only links, line breaks and the platform's few marks have an effect; all else is text.
import { h } from "./dom.js";

const ANCHOR = /<a\s+href=(?:"([^"]*)"|'([^']*)')[^>]*>([\s\S]*?)<\/a>/gi;
const ADDRESS = /https?:\/\/[^\s<>"'，。；：！？、（）【】《》“”]+/gi;
const LINE_STYLES = ["gray", "normal", "highlight"];
const FONT_COLOURS = ["info", "comment", "warning"];

// A link that opens in a new tab, or its words alone when the address is not http(s).
export function link(address, ...words) {
  if (!/^https?:\/\//i.test(address)) return h("span", {}, ...words);
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, ...words);
}

// Splits text by a pattern; matches go through `make`, the rest through `plain`.
function split(text, pattern, make, plain) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    nodes.push(...plain(text.slice(end, match.index)), make(match));
    end = match.index + match[0].length;
  }
  return [...nodes, ...plain(text.slice(end))].filter((node) => node !== "");
}

// Plain addresses become links: what a person typed.
export function withAddresses(text) {
  return split(text, ADDRESS, ([address]) => link(address, address), (rest) => [rest]);
}

// The same and <a href>: what an app sent as text.
export function appText(text) {
  return split(text, ANCHOR, ([, double, single, words]) => link(double ?? single, words), withAddresses);
}

// A textcard's description: <div class="gray"> lines and <br>.
export function cardText(text) {
  const line = /<div(?:\s+class=(?:"([^"]*)"|'([^']*)'))?\s*>([\s\S]*?)<\/div>/gi;
  const broken = (part) => [part.replace(/<br\s*\/?>/gi, "\n")];
  const styled = ([, double, single, words]) => {
    const style = double ?? single;
    return h("div", { class: LINE_STYLES.includes(style) ? style : null }, ...broken(words));
  };
  return split(text, line, styled, broken);
}

// The markdown subset of app messages.
export function markdown(text) {
  return text.split("\n").map((line) => {
    const heading = line.match(/^(#{1,6})\s+(.*)$/);
    if (heading) return h("p", { class: "md-heading" }, ...inline(heading[2]));
    if (line.startsWith(">")) return h("blockquote", {}, ...inline(line.replace(/^>\s?/, "")));
    return h("p", {}, ...inline(line));
  });
}

const INLINE = /\*\*(.+?)\*\*|\[([^\]]+)\]\(([^)\s]+)\)|`([^`]+)`|<font color=["']?(\w+)["']?>([\s\S]*?)<\/font>/g;

function inline(text) {
  const make = ([, bold, words, address, code, colour, coloured]) => {
    if (bold) return h("strong", {}, ...inline(bold));
    if (words) return link(address, words);
    if (code) return h("code", {}, code);
    return h("span", { class: FONT_COLOURS.includes(colour) ? `font-${colour}` : null }, coloured);
  };
  return split(text, INLINE, make, (rest) => [rest]);
}
