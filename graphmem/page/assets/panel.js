// What stands beside the graph: the list of facts, or one fact or entity with everything about it. Texts of people only
// ever become text nodes.

/** An element with attributes and children; a text child is text, whatever is in it. */
function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name === "click") made.addEventListener("click", value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

const STATUSES = { current: "holds", ended: "over", retracted: "taken back", negated: "denied" };

function factList(list, open) {
  return element("ul", { class: "facts" }, ...list.map((known) =>
    element("li", {}, element("button",
      { type: "button", class: `${isPast(known) ? "past" : ""} ${known.fresh ? "fresh" : ""}`, "data-fact": known.fact.id, click: () => open(known) },
      element("span", {}, known.text),
      element("small", {}, [spanOf(known), `said ${readable(known.fact.recorded)}`].filter(Boolean).join(" · "))))));
}

function showList(panel, list, query, open) {
  const title = query ? `${list.length} ${list.length === 1 ? "fact has" : "facts have"} “${query}”` : "What is known, newest first";
  panel.replaceChildren(element("h3", {}, list.length || query ? title : "Nothing was known yet"), factList(list, open));
}

function showFact(panel, known, content, actions) {
  const { fact } = known;
  const name = (index) => element("button", { type: "button", class: "link", click: () => actions.entity(index) }, content.entities[index].name);
  const row = (term, ...value) => (value[0] ? [element("dt", {}, term), element("dd", {}, ...value)] : []);
  const links = (term, indices) => row(term, ...indices.map((i) => [i, actions.known(i)]).filter(([, other]) => other).map(([i, other]) =>
    element("div", {}, element("button", { type: "button", class: "link", click: () => actions.fact(i) }, other.text))));
  panel.replaceChildren(
    back(actions),
    element("h2", {}, known.text),
    element("span", { class: `badge ${known.status}` }, STATUSES[known.status]),
    element("dl", {},
      ...row("relationship", name(fact.subject), " ", element("code", {}, fact.predicate), " ", name(fact.object)),
      ...row(known.status === "ended" ? "from" : "since", known.since && readable(known.since)),
      ...row("until", known.until && readable(known.until)),
      ...row("first said", readable(fact.recorded)),
      ...row(known.status === "retracted" ? "taken back" : "end noted", isPast(known) && fact.retired && readable(fact.retired)),
      ...row("sure", `${Math.round(100 * fact.confidence)} %`),
      ...links("replaces", fact.supersedes),
      ...links("replaced by", content.facts.flatMap((other, i) => (other.supersedes.includes(content.facts.indexOf(fact)) ? [i] : [])))),
    element("h3", {}, known.said.length === 1 ? "Said in this message" : `Said in ${known.said.length} messages`),
    ...known.said.map((said) => quotation(said, content.messages[said.message])));
}

function quotation(said, message) {
  const source = [readable(said.at), said.at.slice(11, 16), `session ${said.session}`, `message ${said.id}`].join(" · ");
  return element("blockquote", {}, ...(message ? marked(message.text, said.evidence) : [said.evidence || "(its words are not in this page)"]),
    element("cite", {}, message?.name ? `${message.name} · ${source}` : source));
}

/** The text with the words of the evidence marked where they are in it. */
function marked(text, evidence) {
  const start = evidence ? text.indexOf(evidence) : -1;
  if (start < 0) return evidence ? [text, element("div", {}, element("mark", {}, evidence))] : [text];
  const end = start + evidence.length;
  return [text.slice(0, start), element("mark", {}, evidence), text.slice(end)];
}

function showEntity(panel, entity, list, actions) {
  panel.replaceChildren(
    back(actions),
    element("h2", {}, entity.name),
    element("span", { class: "badge" }, entity.label),
    entity.aliases.length ? element("dl", {}, element("dt", {}, "also"), element("dd", {}, entity.aliases.join(", "))) : null,
    element("h3", {}, list.length === 1 ? "1 fact" : `${list.length} facts`),
    factList(list, actions.open));
}

const back = (actions) => element("button", { type: "button", class: "back", click: actions.back }, "← All facts");
