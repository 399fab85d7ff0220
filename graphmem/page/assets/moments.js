// What was known when. Times are ISO 8601 in UTC, so that they sort as texts.

/** The moments at which something became known, ended or was taken back, oldest first. */
function momentsOf(facts) {
  const times = facts.flatMap((fact) => [...fact.said.map((s) => s.at), fact.recorded, fact.retired]);
  return [...new Set(times.filter(Boolean))].sort();
}

/** A fact as it stood at a moment, or null when nobody had told it yet. */
function asKnownAt(fact, moment, last) {
  if (fact.recorded > moment) return null;
  const said = fact.said.filter((s) => s.at <= moment);
  const before = fact.retired !== null && fact.retired > moment;
  const told = moment === last || said.some((s) => s.since === fact.since);
  return {
    fact, said,
    status: before ? fact.before.status : fact.status,
    text: before ? fact.before.text : fact.text,
    since: told ? fact.since : null,
    until: before ? null : fact.until,
    fresh: moment !== last && (said.some((s) => s.at === moment) || fact.recorded === moment || fact.retired === moment),
  };
}

const isPast = (known) => known.status === "ended" || known.status === "retracted";

/** A date as precise as it was said ("2024", "2024-05", "2024-05-20"), or a moment, for people to read. */
function readable(date) {
  const parts = date.slice(0, 10).split("-").map(Number);
  if (parts.length === 1 || parts.some(Number.isNaN)) return date;
  const day = new Date(0);
  day.setUTCFullYear(parts[0], parts[1] - 1, parts[2] ?? 1);
  const precise = parts.length === 3 ? { day: "numeric" } : {};
  return day.toLocaleDateString("en-GB", { ...precise, month: "short", year: "numeric", timeZone: "UTC" });
}

/** When it held, in a few words. */
function spanOf(known) {
  const since = known.since && `since ${readable(known.since)}`, until = known.until && `until ${readable(known.until)}`;
  if (known.status === "retracted") return "taken back";
  if (known.status === "ended") return [since?.replace("since", "from"), until ?? "over"].filter(Boolean).join(" ");
  return [known.status === "negated" ? "denied" : null, since].filter(Boolean).join(", ");
}
