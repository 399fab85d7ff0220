// The drawing: one node an entity, one edge a fact. It is laid out once with everything in it, so that things stay where
// they are when the time changes.
cytoscape.use(cytoscapeFcose.default);

const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

function makePicture(container, content, chosen) {
  const cy = cytoscape({
    container, elements: elementsOf(content), minZoom: 0.05, maxZoom: 4, boxSelectionEnabled: false,
    selectionType: "single", autounselectify: true, layout: { name: "preset" }, pixelRatio: "auto",
  });
  restyle(cy);
  placeNodes(cy, content);
  if (content.facts.length > 150) cy.edges().addClass("many");
  cy.nodes(".hub").sort((a, b) => b.data("degree") - a.data("degree")).slice(0, 7).union(".user").addClass("top");
  cy.on("zoom", () => fitLabels(cy));
  cy.on("tap", (event) => chosen(event.target === cy ? null : event.target.id()));
  cy.on("mouseover", "node, edge", (event) => { event.target.addClass("hover"); container.style.cursor = "pointer"; });
  cy.on("mouseout", "node, edge", (event) => { event.target.removeClass("hover"); container.style.cursor = ""; });
  return cy;
}

function elementsOf(content) {
  const degree = content.entities.map(() => 0);
  for (const fact of content.facts) { degree[fact.subject]++; degree[fact.object]++; }
  const nodes = content.entities.map((entity, i) => {
    const [colour, shape] = kindOf(entity.label);
    const size = Math.min(64, (entity.label === "User" ? 40 : 18) + 4 * Math.sqrt(Math.max(0, degree[i] - 1)));
    return { data: { id: `e${i}`, name: shortened(entity.name, 40), colour, shape, size, degree: degree[i] },
             classes: entity.label === "User" ? "user" : degree[i] > 5 ? "hub" : "" };
  });
  const edges = content.facts.map((fact, i) => ({
    data: { id: `f${i}`, source: `e${fact.subject}`, target: `e${fact.object}`, name: shortened(fact.relation, 30) },
  }));
  return [...nodes, ...edges];
}

const shortened = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** Start with the user in the middle, around it what it is linked to, kinds side by side, and farther out what these are linked
 *  to; then let forces do the rest. No chance is involved. */
function placeNodes(cy, content) {
  const order = cy.nodes().toArray().sort((a, b) => rankOf(content, a) - rankOf(content, b) || a.data("name").localeCompare(b.data("name")));
  const user = order.find((node) => node.hasClass("user"));
  const ring = order.filter((node) => node !== user && (!user || node.edgesWith(user).nonempty() || node.data("degree") === 0));
  const placed = new Map(user ? [[user.id(), { angle: 0, radius: 0, children: 0 }]] : []);
  const radius = 140 + 26 * Math.sqrt(order.length);
  ring.forEach((node, i) => placed.set(node.id(), { angle: (2 * Math.PI * i) / ring.length, radius: radius + 60 * (i % 2), children: 0 }));
  for (const id of placed.keys()) {
    const from = placed.get(id);
    for (const node of cy.getElementById(id).neighborhood().nodes().toArray()) {
      if (placed.has(node.id())) continue;
      const aside = Math.ceil(from.children / 2) * (from.children % 2 ? 0.18 : -0.18);
      from.children++;
      placed.set(node.id(), { angle: from.angle + aside, radius: from.radius + 110, children: 0 });
    }
  }
  const apart = order.filter((node) => !placed.has(node.id()));
  apart.forEach((node, i) => placed.set(node.id(), { angle: (2 * Math.PI * i) / apart.length, radius: 1.6 * radius, children: 0 }));
  for (const [id, { angle, radius: far }] of placed) cy.getElementById(id).position({ x: 1.3 * far * Math.cos(angle), y: far * Math.sin(angle) });
  const many = order.length > 150;
  cy.layout({
    name: "fcose", quality: "proof", randomize: false, animate: false, fit: false, nodeDimensionsIncludeLabels: true,
    nodeRepulsion: (node) => 6000 + 400 * node.data("degree"), idealEdgeLength: (edge) => 90 + lengthFor(edge),
    edgeElasticity: () => 0.3, gravity: many ? 0.2 : 0.3, numIter: many ? 1000 : 2500, packComponents: false,
  }).run();
}

/** Leave out labels that would be too small to read. A few keep theirs at a size that can be read: those of the entities with
 *  most facts, and all where there are few. */
function fitLabels(cy) {
  const zoom = cy.zoom(), few = cy.edges().length <= 25;
  const level = [11 * zoom < 6.5, 13 * zoom < 6.5, 16 * zoom < 6.5].filter(Boolean).length;
  const atLeast = (usual, pixels) => Math.max(usual, Math.round(pixels / zoom));
  const wanted = `${level} ${atLeast(11, 8)} ${atLeast(16, 11)}`;
  if (cy.scratch("labels") === wanted) return;
  cy.scratch("labels", wanted);
  cy.batch(() => {
    cy.nodes(".top").style("font-size", atLeast(16, 11));
    if (few) {
      cy.edges().style("font-size", atLeast(11, 8));
      cy.nodes().not(".top").style("font-size", atLeast(13, 10));
    } else {
      cy.edges().toggleClass("mute", level > 0);
      cy.nodes().not(".top").forEach((node) => node.toggleClass("mute", level > (node.hasClass("hub") ? 2 : 1)));
    }
  });
}

const rankOf = (content, node) => {
  const label = content.entities[Number(node.id().slice(1))].label;
  const place = Object.keys(KINDS).indexOf(label);
  return place < 0 ? 99 : place;
};

/** Edges between crowded nodes are longer, so that what is around both finds room. */
function lengthFor(edge) {
  const [fewer, more] = [edge.source().data("degree"), edge.target().data("degree")].sort((a, b) => a - b);
  return 3 * edge.data("name").length + 4 * Math.sqrt(Math.min(more, 400)) + 16 * Math.sqrt(Math.min(fewer, 30) - 1);
}

function restyle(cy) {
  const colours = getComputedStyle(document.documentElement);
  const [paper, ink, quiet, edge, accent, denied] =
    ["--paper", "--ink", "--quiet", "--edge", "--accent", "--denied"].map((name) => colours.getPropertyValue(name).trim());
  const text = {
    "font-family": "system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, sans-serif", color: ink,
    "text-outline-color": paper, "text-outline-width": 2.5, "text-outline-opacity": 0.9,
  };
  cy.style([
    { selector: "node", style: { ...text,
      shape: "data(shape)", width: "data(size)", height: "data(size)", "background-color": (n) => n.data("colour") ?? ink,
      "border-width": 1.5, "border-color": paper, label: "data(name)", "font-size": 13, "text-valign": "bottom", "text-margin-y": 4,
      "text-wrap": "wrap", "text-max-width": 120, "z-index": 10 } },
    { selector: "node.hub", style: { "font-size": 16, "font-weight": 600, "text-max-width": 180 } },
    { selector: "node.user", style: { "font-size": 17, "font-weight": 700, "z-index": 12 } },
    { selector: "edge", style: { ...text,
      width: 1.6, "line-color": edge, "target-arrow-color": edge, "target-arrow-shape": "triangle", "arrow-scale": 0.8,
      "curve-style": "bezier", "control-point-step-size": 44, label: "data(name)", "font-size": 11, color: quiet,
      "text-rotation": "autorotate" } },
    { selector: "edge.many", style: { width: 1.1, opacity: 0.6 } },
    { selector: "edge.past", style: { "line-style": "dashed", opacity: 0.45, "text-opacity": 0.8 } },
    { selector: "edge.retracted", style: { "line-style": "dotted", "target-arrow-shape": "none" } },
    { selector: "edge.negated", style: { label: (e) => `not: ${e.data("name")}`, "line-color": denied, "target-arrow-color": denied,
      "target-arrow-shape": "tee", "line-style": "dashed" } },
    { selector: "node.past", style: { opacity: 0.55 } },
    { selector: "node.top", style: { "z-index": 15 } },
    { selector: ".mute", style: { "text-opacity": 0 } },
    { selector: ".away", style: { display: "none" } },
    { selector: "edge.fresh", style: { "line-color": accent, "target-arrow-color": accent, width: 2.6, opacity: 1 } },
    { selector: ".faint", style: { opacity: 0.12, "text-opacity": 0 } },
    { selector: "edge.hover, edge.near", style: { color: ink, "z-index": 20, opacity: 1, "text-opacity": 1 } },
    { selector: "node.hover, node.near", style: { "text-opacity": 1, opacity: 1, "z-index": 20 } },
    { selector: "edge.chosen", style: { "line-color": accent, "target-arrow-color": accent, width: 3.5, "z-index": 30, "font-weight": 600 } },
    { selector: "node.chosen", style: { "border-color": accent, "border-width": 4, "z-index": 30 } },
    { selector: "node:active, edge:active", style: { "overlay-opacity": 0.06 } },
  ]);
}

/** Bring elements into view, and no closer than is pleasant. */
function lookAt(cy, elements, { closest = 1.25, padding = Math.min(50, cy.width() * 0.05) } = {}) {
  if (elements.empty() || !cy.width() || !cy.height()) return;
  const box = elements.boundingBox({ includeOverlays: false });
  const roof = document.getElementById("kinds").offsetHeight + 14;
  const room = { w: cy.width() - 2 * padding, h: cy.height() - roof - padding };
  const zoom = Math.max(cy.minZoom(), Math.min(closest, room.w / box.w, room.h / box.h));
  const pan = { x: cy.width() / 2 - zoom * (box.x1 + box.w / 2), y: roof + room.h / 2 + padding / 4 - zoom * (box.y1 + box.h / 2) };
  cy.stop();
  if (still) cy.viewport({ zoom, pan });
  else cy.animate({ zoom, pan, duration: 260, easing: "ease-out" });
}
