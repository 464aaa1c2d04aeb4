/** Folds events as screens do, for tests in Python: `[[classrooms, fair, events], …]` on standard input, the states on standard output. */

import { text } from "node:stream/consumers";

import { load } from "./load.mjs";

const { apply, beginning } = await load("live/state.ts");
const lists = JSON.parse(await text(process.stdin));
const states = lists.map(([classrooms, fair, events]) => events.reduce(apply, beginning(classrooms, fair)));
process.stdout.write(JSON.stringify(states), () => process.exit(0));
