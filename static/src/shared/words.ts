/**
 * Words for people. The key of every string is its Chinese text; English stands in `words/en/<folder>.json`.
 *
 * English is fetched before any other module of the page runs, so `_()` may be called anywhere, also at the top of a module.
 */

type Values = Record<string, string | number>;

const english = new Map<string, string>();

if (typeof document !== "undefined" && document.documentElement.lang.startsWith("en")) {
  const folders = import.meta.glob<Record<string, string>>("../words/en/*.json", { import: "default" });
  for (const words of await Promise.all(Object.values(folders).map((load) => load()))) {
    for (const [chinese, text] of Object.entries(words)) english.set(chinese, text);
  }
}

/**
 * The text in the page's language. `{name}` is replaced by `values.name`; in English `{n|edit|edits}` chooses by the
 * number `values.n`.
 */
export function _(chinese: string, values: Values = {}): string {
  return (english.get(chinese) ?? chinese)
    .replace(/\{(\w+)\|([^|}]*)\|([^|}]*)\}/g, (_all, name: string, one: string, many: string) =>
      Number(values[name]) === 1 ? one : many,
    )
    .replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
