/** The writing page. */
import { icon } from "../shared/icons";
document.body.append(icon("home"));
export {};
