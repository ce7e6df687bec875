"""How the page looks, and how its pictures move."""

CSS = """
:root {
  color-scheme: light dark;
  --paper: #ffffff; --panel: #f6f7f9; --line: #dcdfe4; --ink: #1d2430;
  --faint: #59626f; --bad: #b3261e; --good: #1e6e3a;
  --d: #2a6fb0; --g: #c4551f; --real: #2e7d4f; --fake: #a0457e;
  --e: #8f6a10; --f: #5b5b5b;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #14171c; --panel: #1d2229; --line: #39414d; --ink: #e8ebf0;
    --faint: #a3adba; --bad: #ff8a80; --good: #7fd19b;
    --d: #6fb1ee; --g: #f08a57; --real: #6cc492; --fake: #dd8cbf;
    --e: #d9b354; --f: #b5b5b5;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.2rem 1rem 3rem; max-width: 70rem;
  background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .7rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 .4rem; }
p { margin: .3rem 0; }
.faint { color: var(--faint); }
.finding {
  background: var(--panel); border-left: 4px solid var(--bad);
  border-radius: 4px; padding: .6rem .9rem; margin: .6rem 0;
}
.finding.equilibrium { border-color: var(--good); }
.finding h3 { margin: 0; }
.charts {
  display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr));
}
figure { margin: 0; }
.chart {
  background: var(--panel); border-radius: 6px; padding: .6rem .7rem;
  break-inside: avoid;
}
.chart figcaption { font-weight: 600; font-size: .95rem; }
.chart > svg { display: block; width: 100%; height: auto; }
.chart text { font: 9px system-ui, sans-serif; fill: var(--faint); }
.chart p { font-size: .82rem; margin: .3rem 0 0; }
.chart .when { font-weight: 400; color: var(--faint); }
.chart .cursor { stroke: var(--faint); visibility: hidden; }
.curve {
  fill: none; stroke-width: 2; stroke-linejoin: round;
  stroke-linecap: round;
}
.validation { stroke-dasharray: 5 4; stroke-linecap: butt; }
.color-d, .color-0 { stroke: var(--d); }
.color-g, .color-1 { stroke: var(--g); }
.color-real, .color-2 { stroke: var(--real); }
.color-fake, .color-3 { stroke: var(--fake); }
.color-4 { stroke: var(--e); }
.color-5 { stroke: var(--f); }
.legend {
  list-style: none; margin: .2rem 0 0; padding: 0; font-size: .82rem;
  display: flex; flex-wrap: wrap; gap: .1rem .9rem;
}
.legend svg { width: 22px; height: 10px; }
.players {
  display: grid; gap: 0 2rem; align-items: start;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr));
}
.player { min-width: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; }
th, td {
  text-align: left; padding: .25rem .9rem .25rem 0; vertical-align: top;
  border-bottom: 1px solid var(--line);
}
.numbers td, .numbers thead th + th {
  text-align: right; font-variant-numeric: tabular-nums;
  white-space: nowrap;
}
.settings tbody th {
  font-weight: 400; color: var(--faint); white-space: nowrap;
}
.settings td { overflow-wrap: anywhere; min-width: 12rem; }
.frame img { max-width: 100%; height: auto; display: block; }
.frame img.small { image-rendering: pixelated; }
.frame { margin: .4rem 0; break-inside: avoid; }
.frame[hidden] { display: none; }
.sound { display: flex; align-items: center; gap: .5rem; margin: .2rem 0; }
.controls { display: flex; gap: .6rem; align-items: center; }
.controls[hidden] { display: none; }
.controls input { flex: 1; max-width: 24rem; }
button {
  font: inherit; color: inherit; background: var(--panel); cursor: pointer;
  border: 1px solid var(--line); border-radius: 6px;
  padding: .3rem .9rem; min-width: 5.5rem; min-height: 2.5rem;
}
summary { cursor: pointer; padding: .3rem 0; }
@media print {
  body { max-width: none; font-size: 10pt; padding: 0; }
  .chart, .finding { border: 1px solid var(--line); }
  .charts { grid-template-columns: repeat(3, 1fr); }
  .controls { display: none; }
  .players { display: block; }
  .frames { display: flex; flex-wrap: wrap; gap: 3mm; }
  .frame, .frame[hidden] { display: block; width: 31%; }
  h2, h3 { break-after: avoid; }
}
"""

# Without it all frames of a picture are under each other, and the legends of
# charts say the last values.
SCRIPT = """
for (const chart of document.querySelectorAll(".chart")) {
  const svg = chart.querySelector("svg");
  const places = JSON.parse(chart.dataset.places);
  const epochs = JSON.parse(chart.dataset.epochs);
  const when = chart.querySelector(".when");
  const entries = [...chart.querySelectorAll("li")].map((entry) => {
    const text = entry.querySelector("b");
    const values = JSON.parse(entry.dataset.values);
    return { text, values, last: text.textContent };
  });
  const { width, height } = svg.viewBox.baseVal;
  const cursor = document.createElementNS(svg.namespaceURI, "line");
  cursor.setAttribute("class", "cursor");
  cursor.setAttribute("y2", height);
  svg.append(cursor);
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const at = (event.clientX - box.left) / box.width;
    const far = places.map((place) => Math.abs(place - at));
    const i = far.indexOf(Math.min(...far));
    cursor.setAttribute("x1", places[i] * width);
    cursor.setAttribute("x2", places[i] * width);
    cursor.style.visibility = "visible";
    when.textContent = `, epoch ${epochs[i]}`;
    for (const { text, values } of entries) { text.textContent = values[i]; }
  });
  svg.addEventListener("pointerleave", () => {
    cursor.style.visibility = "hidden";
    when.textContent = "";
    for (const { text, last } of entries) { text.textContent = last; }
  });
}
for (const player of document.querySelectorAll(".player")) {
  const frames = [...player.querySelectorAll(".frame")];
  const controls = player.querySelector(".controls");
  const slider = controls.querySelector("input");
  const button = controls.querySelector("button");
  let timer = null;
  const show = (index) => {
    slider.value = index;
    frames.forEach((frame, i) => { frame.hidden = i !== index; });
    const caption = frames[index].querySelector("figcaption").textContent;
    slider.setAttribute("aria-valuetext", caption);
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
    button.textContent = "Play";
  };
  slider.addEventListener("input", () => { stop(); show(+slider.value); });
  button.addEventListener("click", () => {
    if (timer) { stop(); return; }
    button.textContent = "Stop";
    if (+slider.value === frames.length - 1) { show(0); }
    timer = setInterval(() => {
      show(+slider.value + 1);
      if (+slider.value === frames.length - 1) { stop(); }
    }, 500);
  });
  controls.hidden = frames.length === 1;
  show(frames.length - 1);
}
"""
