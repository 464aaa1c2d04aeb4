/** The reading and print views of a plan: draws the formulas that the server wrote as `.math[data-latex]`. */

import { showFormulas } from "./math";

showFormulas(document);
