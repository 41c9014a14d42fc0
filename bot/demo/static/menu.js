// The app's bottom menu, as given to menu/create.
import { h, icon } from "./dom.js";

// `choose(button)` is called with the button that was pressed.
export function fillMenu(bar, menu, choose) {
  const buttons = menu.button ?? [];
  bar.replaceChildren(...buttons.map((button, index) => (button.sub_button ? group(button, index, choose) : single(button, choose))));
  bar.hidden = buttons.length === 0;
}

function single(button, choose, after = () => {}) {
  const press = () => {
    choose(button);
    after();
  };
  return h("button", { type: "button", onclick: press }, h("span", {}, button.name));
}

function group(button, index, choose) {
  const id = `submenu-${index}`;
  const list = h("div", { id, class: "submenu", popover: "auto", "aria-label": button.name });
  list.append(...button.sub_button.map((sub) => single(sub, choose, () => list.hidePopover())));
  const opener = h("button", { type: "button", popovertarget: id }, icon("menu"), h("span", {}, button.name));
  list.addEventListener("toggle", (event) => event.newState === "open" && place(list, opener));
  return h("div", { class: "menu-group" }, opener, list);
}

// Above the button that opened it, within the window.
export function place(list, opener) {
  const { left, width, top } = opener.getBoundingClientRect();
  const centred = left + width / 2 - list.offsetWidth / 2;
  list.style.left = `${Math.max(8, Math.min(centred, innerWidth - list.offsetWidth - 8))}px`;
  list.style.bottom = `${innerHeight - top + 8}px`;
}
