// What is shown is a function of this state; every change goes through `show`.
const content = JSON.parse(document.getElementById("content").textContent);
const $ = (id) => document.getElementById(id);
const moments = momentsOf(content.facts);
const lastMoment = moments.length - 1;
const state = { moment: Math.max(0, lastMoment), query: "", hidden: new Set(), past: true, chosen: null };
let known = [];

setTheme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
const cy = makePicture($("graph"), content, (id) => choose(id));

function show(change = {}) {
  Object.assign(state, change);
  const moment = moments[state.moment] ?? "";
  known = content.facts.map((fact) => asKnownAt(fact, moment, moments[lastMoment]));
  const shown = known.map((k) => k !== null && (state.past || !isPast(k)) && ![k.fact.subject, k.fact.object].some(isHidden));
  const found = known.map((k, i) => shown[i] && matches(k));
  if (state.chosen?.startsWith("f") && !shown[Number(state.chosen.slice(1))]) state.chosen = null;
  cy.batch(() => draw(shown, found));
  const list = known.filter((_, i) => found[i]).sort((a, b) => (a.fact.recorded < b.fact.recorded ? 1 : a.fact.recorded > b.fact.recorded ? -1 : 0));
  showPanel(list, shown);
  showTime(moment, shown.filter(Boolean).length);
}

const isHidden = (index) => state.hidden.has(content.entities[index].label);

function matches(k) {
  if (!state.query) return true;
  const { fact } = k, ends = [content.entities[fact.subject], content.entities[fact.object]];
  const words = [k.text, fact.predicate, fact.relation, ...ends.flatMap((e) => [e.name, e.label, ...e.aliases]),
    ...k.said.flatMap((s) => [s.evidence, content.messages[s.message]?.text ?? ""])];
  return words.some((word) => word.toLowerCase().includes(state.query));
}

function draw(shown, found) {
  const seen = new Map();
  known.forEach((k, i) => {
    const edge = cy.getElementById(`f${i}`);
    edge.toggleClass("away", !shown[i]);
    if (!shown[i]) return;
    edge.toggleClass("past", isPast(k)).toggleClass("retracted", k.status === "retracted").toggleClass("negated", k.status === "negated");
    edge.toggleClass("fresh", k.fresh);
    for (const end of [k.fact.subject, k.fact.object]) seen.set(end, (seen.get(end) ?? true) && isPast(k));
  });
  content.entities.forEach((entity, i) => {
    cy.getElementById(`e${i}`).toggleClass("away", isHidden(i) || !(seen.has(i) || entity.label === "User")).toggleClass("past", entity.label !== "User" && seen.get(i) === true);
  });
  light(found);
}

/** A fact with its ends, or an entity with the facts about it that are shown. */
function around(chosen) {
  const edges = chosen.isEdge() ? chosen : chosen.connectedEdges().not(".away");
  return chosen.union(edges).union(edges.connectedNodes());
}

/** Let what is chosen or found stand out, and the rest step back. */
function light(found) {
  cy.elements().removeClass("faint near chosen");
  let near = null;
  if (state.chosen) {
    near = around(cy.getElementById(state.chosen).addClass("chosen"));
  } else if (state.query) {
    const edges = cy.edges().filter((edge) => found[Number(edge.id().slice(1))]);
    near = edges.union(edges.connectedNodes());
  }
  if (!near) return;
  near.addClass("near");
  cy.elements().not(near).addClass("faint");
}

function showPanel(list, shown) {
  const panel = $("panel"), index = Number(state.chosen?.slice(1));
  const actions = {
    back: () => choose(null), entity: (i) => choose(`e${i}`), fact: (i) => choose(`f${i}`),
    open: (k) => choose(`f${content.facts.indexOf(k.fact)}`), known: (i) => (shown[i] ? known[i] : null),
  };
  if (state.chosen?.startsWith("f")) showFact(panel, known[index], content, actions);
  else if (state.chosen) {
    const about = known.filter((k, i) => shown[i] && [k.fact.subject, k.fact.object].includes(index));
    showEntity(panel, content.entities[index], about, actions);
  } else showList(panel, list, state.query, actions.open);
}

function showTime(moment, count) {
  const now = state.moment === lastMoment;
  $("moment").value = state.moment;
  $("date").textContent = moment ? (now ? `Known by now, ${readable(moment)}` : `Known on ${readable(moment)}`) : "";
  $("moment").setAttribute("aria-valuetext", $("date").textContent);
  const source = known.flatMap((k) => k?.said ?? []).find((s) => s.at === moment);
  const words = source && (content.messages[source.message]?.text ?? source.evidence);
  $("words").textContent = words ? `“${words}”` : "";
  const current = known.filter((k) => k?.status === "current").length;
  $("counts").textContent = `${current} ${current === 1 ? "fact holds" : "facts hold"}, ${count} shown of ${content.facts.length}`;
  $("nothing").hidden = count > 0;
  $("nothing").textContent = content.facts.length ? "Nothing to show here" : "Nothing is known yet";
}

/** Open a fact ("f3"), an entity ("e5"), or the list of facts (null). */
function choose(id) {
  const changed = id !== state.chosen;
  show({ chosen: id });
  if (!changed) return;
  $("panel").scrollTop = 0;
  if (!id) return;
  $("stage").classList.add("moved");
  lookAt(cy, around(cy.getElementById(id)));
}

function lookAtAll() {
  $("stage").classList.remove("moved");
  lookAt(cy, cy.elements().not(".away"), { closest: 1.3 });
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
}

function listKinds() {
  const counts = new Map();
  for (const { label } of content.entities) counts.set(label, (counts.get(label) ?? 0) + 1);
  const order = [...counts.keys()].filter((label) => label !== "User").sort((a, b) => counts.get(b) - counts.get(a) || a.localeCompare(b));
  const lines = [["ended", "over"], ["retracted", "taken back"], ["negated", "denied"]].filter(([status]) => content.facts.some((f) => f.status === status));
  const marks = lines.map(([status, words]) => element("span", {}, element("i", { class: `line ${status}` }), words));
  $("kinds").replaceChildren(...order.map((label) => {
    const [colour, shape] = kindOf(label);
    const swatch = element("span", { class: `swatch ${shape}` });
    swatch.style.setProperty("--kind", colour);
    const button = element("button", { type: "button", "aria-pressed": "true", title: `Show or hide: ${label}` }, swatch, `${label} ${counts.get(label)}`);
    button.addEventListener("click", () => {
      if (!state.hidden.delete(label)) state.hidden.add(label);
      button.setAttribute("aria-pressed", String(!state.hidden.has(label)));
      show();
    });
    return button;
  }), ...marks);
}

let playing = null;
function play() {
  if (playing !== null) return stop();
  if (state.moment >= lastMoment) show({ moment: 0, chosen: null });
  $("play").firstChild.textContent = "❚❚";
  playing = setInterval(() => (state.moment >= lastMoment ? stop() : show({ moment: state.moment + 1 })), Math.max(60, Math.min(900, 24000 / moments.length)));
}
function stop() {
  clearInterval(playing);
  playing = null;
  $("play").firstChild.textContent = "▶";
}

$("moment").max = Math.max(0, lastMoment);
$("moment").addEventListener("input", (event) => { stop(); show({ moment: Number(event.target.value) }); });
$("search").addEventListener("input", (event) => show({ query: event.target.value.trim().toLowerCase(), chosen: null }));
$("search").addEventListener("change", () => (state.query ? lookAt(cy, cy.elements(".near"), { closest: 1.2 }) : lookAtAll()));
$("past").addEventListener("change", (event) => show({ past: event.target.checked }));
$("theme").addEventListener("click", () => { setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"); restyle(cy); });
$("play").addEventListener("click", play);
$("closer").addEventListener("click", () => zoomBy(1.4));
$("farther").addEventListener("click", () => zoomBy(1 / 1.4));
$("whole").addEventListener("click", () => { choose(null); lookAtAll(); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => { setTheme(event.matches ? "dark" : "light"); restyle(cy); });
addEventListener("keydown", (event) => { if (event.key === "Escape") choose(null); });
addEventListener("resize", () => { cy.resize(); lookAtAll(); });

const zoomBy = (factor) => cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });

cy.on("dragpan pinchzoom scrollzoom", () => $("stage").classList.add("moved"));

$("time").hidden = moments.length < 2;
listKinds();
show();
lookAtAll();
