"""What the page of the phone remote does: draws the controls, sends what a finger does, follows what others do, connects again."""

SCRIPT = """
"use strict";
const $ = id => document.getElementById(id);
const make = (tag, kind, text) => Object.assign(document.createElement(tag), {className: kind || "", textContent: text || ""});
let socket = null, wait = 500, timer = 0, pins = {}, held = null, waiting = {}, sending = 0, address = null;

if (location.search) history.replaceState(null, "", location.pathname);

function connect() {
  clearTimeout(timer);
  socket = new WebSocket((location.protocol === "https:" ? "wss://" : "ws://") + location.host + "/ws");
  socket.binaryType = "blob";
  socket.onopen = () => { wait = 500; $("lost").hidden = true; };
  socket.onmessage = event => typeof event.data === "string" ? follow(JSON.parse(event.data)) : show(event.data);
  socket.onclose = () => {
    $("lost").hidden = false;
    timer = setTimeout(connect, wait);
    wait = Math.min(2 * wait, 4000);
  };
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && socket.readyState > 1) { wait = 500; connect(); }
});

function send(message) {
  if (socket.readyState === 1) socket.send(JSON.stringify(message));
}

function show(blob) {
  send({seen: true});  // the next one may come: what waits on its way would be old
  const next = URL.createObjectURL(blob), before = address;
  address = next;
  $("live").src = next;
  $("live").onload = () => { if (before) URL.revokeObjectURL(before); };
}

function follow(news) {
  if (news.pins) layOut(news.pins);
  if (news.presets) layOutPresets(news.presets);
  if (news.values) for (const [name, value] of Object.entries(news.values)) heard(pins[name], value);
  if (news.actions) layOutActions(news.actions);
  if (news.status) {
    const s = news.status;
    $("status").textContent = [s.model || "no model", s.fps + " fps", s.problem || s.source].filter(Boolean).join("  ·  ");
  }
  if (news.problem) { $("status").textContent = news.problem; }
}

// ---- buttons

function layOutActions(actions) {
  const box = $("actions");
  if (box.dataset.names !== actions.map(a => a.name).join()) {
    box.dataset.names = actions.map(a => a.name).join();
    box.replaceChildren(...actions.map(a => {
      const button = make("button", a.name === "panic" || a.name === "blackout" ? "alarm" : "", a.text);
      button.dataset.name = a.name;
      button.onclick = () => send(button.hasAttribute("aria-pressed")
        ? {do: a.name, on: button.getAttribute("aria-pressed") !== "true"} : {do: a.name});
      return button;
    }));
  }
  actions.forEach((a, i) => a.on === null ? 0 : box.children[i].setAttribute("aria-pressed", a.on));
}

function layOutPresets(presets) {
  $("presets").replaceChildren(...presets.map(p => {
    const button = make("button"), name = make("span", "", p.name);
    if (p.image) button.append(Object.assign(make("img"), {src: p.image, alt: ""}));
    button.append(name);
    button.onclick = () => send({do: p.action});
    return button;
  }));
}

// ---- sliders, switches, choices

function layOut(list) {
  pins = {};
  $("pins").replaceChildren(...list.map(p => {
    const element = make(p.kind === "switch" ? "button" : "div", "pin"), pin = {...p, element, value: null};
    element.append(make("div", "fill"), make("span", "name", p.label));
    pins[p.name] = pin;
    if (p.kind === "choice") return choice(pin);
    element.append(make("span", "value"));
    return p.kind === "switch" ? toggle(pin) : slider(pin);
  }));
}

function choice(pin) {
  const select = make("select");
  select.setAttribute("aria-label", pin.label);
  select.append(...pin.choices.map(c => new Option(c, c)));
  select.onchange = () => set(pin, select.value);
  pin.element.append(select);
  return pin.element;
}

function toggle(pin) {
  pin.element.onclick = () => set(pin, !pin.value);
  return pin.element;
}

function slider(pin) {
  const e = pin.element, from = {};
  e.tabIndex = 0;
  e.setAttribute("role", "slider");
  e.setAttribute("aria-label", pin.label);
  e.setAttribute("aria-valuemin", pin.low);
  e.setAttribute("aria-valuemax", pin.high);
  const at = event => pin.low + (event.clientX - e.getBoundingClientRect().left) / e.clientWidth * (pin.high - pin.low);
  e.onpointerdown = event => {
    Object.assign(from, {x: event.clientX, y: event.clientY, moved: false, value: pin.value});
    held = pin.name;
    e.setPointerCapture(event.pointerId);
  };
  e.onpointermove = event => {
    if (held !== pin.name) return;
    if (from.moved || Math.abs(event.clientX - from.x) > 6) { from.moved = true; set(pin, at(event)); }
  };
  e.onpointerup = event => {
    if (held === pin.name && !from.moved && Math.abs(event.clientY - from.y) < 10) set(pin, at(event));
    held = null;
  };
  e.onpointercancel = () => { held = null; };
  e.onkeydown = event => {
    const by = {ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10}[event.key];
    if (by) { set(pin, pin.value + by * pin.step); event.preventDefault(); }
  };
  return e;
}

function set(pin, value) {
  if (pin.kind === "number") {
    value = Math.min(pin.high, Math.max(pin.low, pin.low + Math.round((value - pin.low) / pin.step) * pin.step));
    value = Number(value.toPrecision(6));
  }
  if (value === pin.value) return;
  pin.touched = performance.now();
  draw(pin, value);
  waiting[pin.name] = value;
  if (!sending) flush();
}

function flush() {  // at most some thirty messages a second, the newest value of each
  sending = 0;
  if (!Object.keys(waiting).length) return;
  send({set: waiting});
  waiting = {};
  sending = setTimeout(flush, 33);
}

function heard(pin, value) {  // what comes back while a finger is at work, or just has been, is older than the finger
  if (!pin) return;
  pin.heard = value;
  clearTimeout(pin.later);
  const rest = (pin.touched || 0) + 500 - performance.now();
  if (held === pin.name || rest > 0) pin.later = setTimeout(() => heard(pin, pin.heard), Math.max(rest, 100));
  else draw(pin, value);
}

function draw(pin, value) {
  pin.value = value;
  const e = pin.element;
  if (pin.kind === "choice") { e.querySelector("select").value = value; return; }
  if (pin.kind === "switch") {
    e.setAttribute("aria-pressed", value);
    e.querySelector(".value").textContent = value ? "on" : "off";
    return;
  }
  const share = (value - pin.low) / (pin.high - pin.low);
  e.querySelector(".fill").style.width = 100 * share + "%";
  const text = (pin.step >= 1 ? value.toFixed(0) : value.toFixed(2)) + (pin.unit ? " " + pin.unit : "");
  e.querySelector(".value").textContent = text;
  e.setAttribute("aria-valuenow", value);
  e.setAttribute("aria-valuetext", text);
}

connect();
"""
