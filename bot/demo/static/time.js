// The time of platform and app: shows where it is, and asks for it to be moved.
import { TEXTS } from "./texts.js";

const $ = (id) => document.getElementById(id);
const DAY = 86400000; // ms
const WEEKDAYS = "日一二三四五六";
const CHINA = 8 * 3600000; // ms ahead of UTC

let state = null; // as the stream told it last
let heard = 0; // when, by this browser

// The instant as a Date whose UTC fields read as China's clock.
const local = (iso) => new Date(Date.parse(iso) + CHINA);
const minute = (date) => date.toISOString().slice(0, 16);
const day = (date) => date.toISOString().slice(0, 10);

function now() {
  const passed = state.moving || state.rate > 1 ? 0 : Date.now() - heard;
  return new Date(local(state.now).getTime() + passed);
}

export function showTime(told) {
  if (!$("time")) return;
  state = told;
  heard = Date.now();
  const at = now();
  $("speed").value = String(state.rate);
  $("speed-note").textContent = state.moving ? TEXTS.moving : state.rate > 1 ? TEXTS.fast(state.rate) : "";
  if (document.activeElement !== $("day")) $("day").value = String(Math.floor(at.getTime() / DAY));
  if (document.activeElement !== $("moment")) $("moment").value = minute(at);
  const mark = state.marks.find((one) => one.day >= day(at));
  $("mark").textContent = mark ? TEXTS.nextMark(mark.day, mark.label) : TEXTS.noMark;
  if (!state.moving) {
    $("next").disabled = !state.next;
    $("next").textContent = TEXTS.nextAt(state.next ? minute(local(state.next)).replace("T", " ") : TEXTS.noNext);
  }
  tick();
}

function tick() {
  if (!state) return;
  const at = now();
  $("now").textContent = `${minute(at).replace("T", " ")} 周${WEEKDAYS[at.getUTCDay()]}`;
}

export function timeControls(act) {
  if (!$("time")) return;
  const range = $("day");
  // A range counts: days since 1970 between the first and the last one.
  for (const end of ["min", "max"]) range.setAttribute(end, String(Date.parse(range.getAttribute(end)) / DAY));
  const ofRange = () => `${new Date(Number(range.value) * DAY).toISOString().slice(0, 10)}T12:00`;
  range.addEventListener("input", () => ($("moment").value = ofRange()));
  range.addEventListener("change", () => act({ do: "jump", to: ofRange() }));
  $("jump").addEventListener("submit", (event) => {
    event.preventDefault();
    act({ do: "jump", to: $("moment").value });
    document.activeElement.blur();
  });
  $("next").addEventListener("click", () => act({ do: "next" }));
  $("speed").addEventListener("change", ({ target }) => act({ do: "speed", rate: Number(target.value) }));
  $("chorus")?.addEventListener("click", () => act({ do: "chorus" }));
  setInterval(tick, 1000);
}
