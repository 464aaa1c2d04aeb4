/**
 * Builds static/src and static/css into static/dist, with a manifest that the pages' `asset()` reads.
 *
 * Keys of the manifest are paths below static/src (`lessons/write.ts`, `shared/page.ts`); the style sheet of all pages is
 * `../css/main.scss` and the icon sprite `icons.svg`.
 */

import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const root = resolve(import.meta.dirname, "static/src");
const ENTRIES = ["lessons/opening.ts", "lessons/write.ts", "lessons/reading.ts", "library/boot.ts", "library/preview.ts", "library/resource.ts", "library/upload.ts", "live/after.ts", "live/checking.ts", "live/replay.ts", "live/classroom.ts", "live/enter.ts", "live/helper.ts", "live/lead.ts", "live/observer.ts", "live/pupil.ts", "live/scheduling.ts", "manage/job.ts", "search/box.ts", "shared/notices.ts", "shared/page.ts", "../css/live.scss", "../css/main.scss"];

function filesBelow(folder: string, endings: string[]): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => resolve(entry.parentPath, entry.name));
}

/** One sprite of exactly those Tabler icons that a template or script names as `icon("…")` or `picture="…"`. An unknown name stops the build. */
function iconSprite(): Plugin {
  const tabler = resolve(import.meta.dirname, "node_modules/@tabler/icons/icons/outline");
  const sources = [
    ...filesBelow(resolve(import.meta.dirname, "platform"), [".html", ".py"]),
    ...filesBelow(root, [".ts"]),
  ];
  let reference = "";
  return {
    name: "icon-sprite",
    apply: "build",
    resolveId: (id) => (id === "virtual:icon-sprite" ? `\0${id}` : undefined),
    load: (id) => (id === "\0virtual:icon-sprite" ? `export default import.meta.ROLLUP_FILE_URL_${reference}` : undefined),
    buildStart() {
      const names = new Set<string>();
      for (const source of sources) {
        for (const found of readFileSync(source, "utf8").matchAll(/\b(?:icon|picture)(?:\(|=)\s*["']([a-z0-9-]+)["']/g)) {
          if (found[1]) names.add(found[1]);
        }
      }
      const symbols = [...names].sort().map((name) => {
        const svg = readFileSync(resolve(tabler, `${name}.svg`), "utf8");
        const shapes = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
        return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replace(/\s+/g, " ").trim()}</symbol>`;
      });
      reference = this.emitFile({
        type: "asset",
        name: "icons.svg",
        originalFileName: "icons.svg",
        source: `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`,
      });
    },
  };
}

/** KaTeX offers each font in three formats; every browser we serve reads the first. */
function onlyWoff2(): Plugin {
  return {
    name: "only-woff2",
    enforce: "pre",
    transform(code, id) {
      if (!id.endsWith("katex.min.css")) return undefined;
      return { code: code.replace(/,url\([^)]+\.(?:woff|ttf)\) format\("\w+"\)/g, ""), map: null };
    },
  };
}

/** Every text file a second and third time, compressed: web/shell.py sends what the browser takes. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    // Only what is written is final: before, the names of lazily loaded parts are still missing.
    writeBundle({ dir = "" }, bundle) {
      for (const name of Object.keys(bundle).filter((each) => /\.(?:js|css|svg)$/.test(each))) {
        const file = resolve(dir, name);
        const text = readFileSync(file);
        writeFileSync(`${file}.br`, brotliCompressSync(text));
        writeFileSync(`${file}.gz`, gzipSync(text, { level: 9 }));
      }
    },
  };
}

/** Files of earlier builds stay for a week: pages that are open still fetch parts of them, and a running site has no gap. */
function forgetOldBuilds(): Plugin {
  const week = 7 * 24 * 3600 * 1000;
  return {
    name: "forget-old-builds",
    apply: "build",
    writeBundle({ dir = "" }, bundle) {
      for (const file of filesBelow(resolve(dir, "assets"), [""])) {
        const kept = `assets/${basename(file).replace(/\.(?:br|gz)$/, "")}` in bundle || statSync(file).mtimeMs > Date.now() - week;
        if (!kept) rmSync(file);
      }
    },
  };
}

export default defineConfig({
  root,
  base: "/static/dist/",
  publicDir: false,
  plugins: [iconSprite(), onlyWoff2(), compressed(), forgetOldBuilds()],
  css: {
    preprocessorOptions: {
      scss: {
        loadPaths: [resolve(import.meta.dirname, "node_modules")],
        quietDeps: true,
        silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
      },
    },
  },
  build: {
    outDir: resolve(import.meta.dirname, "static/dist"),
    emptyOutDir: false,
    manifest: "manifest.json",
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
    rolldownOptions: { input: ENTRIES.map((entry) => resolve(root, entry)) },
  },
});
