// How each kind of entity looks: a colour of Okabe and Ito's palette, and a shape. Kinds whose colours somebody may take for the
// same (green, pink and grey; orange and red; the two blues) differ in shape.
const BLUE = "#0072b2", SKY = "#56b4e9", GREEN = "#009e73", ORANGE = "#e69f00", RED = "#d55e00", PINK = "#cc79a7", GREY = "#8b929c";

const KINDS = {
  User: [null, "ellipse"], Person: [BLUE, "ellipse"], Animal: [BLUE, "round-pentagon"],
  Place: [GREEN, "round-diamond"],
  Organization: [ORANGE, "round-rectangle"], Group: [ORANGE, "round-hexagon"], Occupation: [ORANGE, "round-tag"],
  Activity: [SKY, "round-hexagon"], Tool: [SKY, "round-rectangle"], Topic: [PINK, "round-triangle"],
  Language: [PINK, "round-pentagon"], Kind: [PINK, "round-tag"],
  Substance: [RED, "round-triangle"], Condition: [RED, "round-octagon"],
  Thing: [GREY, "round-rectangle"], Name: [GREY, "rhomboid"], Date: [GREY, "concave-hexagon"], Age: [GREY, "star"],
};

/** Colour (null: that of the text) and shape of a kind; one that is not of the catalogue looks like none of it. */
const kindOf = (label) => (Object.hasOwn(KINDS, label) ? KINDS[label] : [GREY, "round-octagon"]);
