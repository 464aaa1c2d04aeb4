/** Lets tests in plain Node import the TypeScript modules of static/src. */

import { resolve } from "node:path";
import { createServer } from "vite";

const root = resolve(import.meta.dirname, "../..");

const vite = await createServer({
  root,
  configFile: false,
  appType: "custom",
  logLevel: "error",
  optimizeDeps: { noDiscovery: true },
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  plugins: [
    {
      name: "no-sprite",
      resolveId: (id) => (id === "virtual:icon-sprite" ? `\0${id}` : undefined),
      load: (id) => (id === "\0virtual:icon-sprite" ? 'export default ""' : undefined),
    },
  ],
});

/** The module at that path below static/src. Each is loaded once, and packages are the same instances the test imports. */
export const load = (path) => vite.ssrLoadModule(resolve(root, "static/src", path));
