/** Lets a test in plain Node import a TypeScript module of static/src. */

import { resolve } from "node:path";
import { runnerImport } from "vite";

const root = resolve(import.meta.dirname, "../..");

/** The module at that path below static/src. Packages from node_modules are the same instances the test imports. */
export async function load(path) {
  const { module } = await runnerImport(resolve(root, "static/src", path), {
    root,
    configFile: false,
    logLevel: "error",
    plugins: [
      {
        name: "no-sprite",
        resolveId: (id) => (id === "virtual:icon-sprite" ? `\0${id}` : undefined),
        load: (id) => (id === "\0virtual:icon-sprite" ? 'export default ""' : undefined),
      },
    ],
  });
  return module;
}
