/** Icons of the Tabler set, from the sprite that the build makes of all names in use. */

import sprite from "virtual:icon-sprite";

const SVG = "http://www.w3.org/2000/svg";

/** An icon to stand beside a word. */
export function icon(name: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}
