/** Which parts of a plan an update touches. */

import * as Y from "yjs";

function rootName(doc: Y.Doc, type: Y.AbstractType<unknown>): string | null {
  for (const [name, root] of doc.share) if ((root as Y.AbstractType<unknown>) === type) return name;
  return null;
}

type Parent = Y.AbstractType<unknown> | Y.ID | string | null;

/** Walks up from a parent to the name of its root; null when part of the way is unknown here. */
function rootOf(doc: Y.Doc, start: Parent): string | null {
  let parent = start;
  while (parent !== null) {
    if (typeof parent === "string") return parent;
    if (parent instanceof Y.AbstractType) {
      const item: Y.Item | null = parent._item;
      if (item === null) return rootName(doc, parent);
      parent = item.parent as Parent;
    } else {
      parent = parentAt(doc, parent);
    }
  }
  return null;
}

/** What the item at `id` is a parent of or stands in; null when the item is unknown or collected. */
function parentAt(doc: Y.Doc, id: Y.ID): Parent {
  if (Y.getState(doc.store, id.client) <= id.clock) return null;
  const item: unknown = Y.getItem(doc.store, id);
  if (!(item instanceof Y.Item)) return null;
  return item.content instanceof Y.ContentType ? item.content.type : (item.parent as Parent);
}

/** The parent an item of an update will have: named, or that of its neighbours. */
function parentOf(doc: Y.Doc, item: Y.Item): Parent {
  if (item.parent !== null) return item.parent as Parent;
  for (const neighbour of [item.origin, item.rightOrigin]) {
    if (neighbour === null || Y.getState(doc.store, neighbour.client) <= neighbour.clock) continue;
    const known: unknown = Y.getItem(doc.store, neighbour);
    if (known instanceof Y.Item) return known.parent as Parent;
  }
  return null;
}

/**
 * The names of the roots that an update from outside will change, or null when that cannot be told before it is applied (it
 * builds on what is unknown here).
 */
export function rootsTouched(doc: Y.Doc, update: Uint8Array): Set<string> | null {
  const { structs, ds } = Y.decodeUpdate(update);
  const roots = new Set<string>();
  const own = new Map<string, string>();
  for (const struct of structs) {
    if (!(struct instanceof Y.Item)) return null;
    const name = rootOf(doc, parentOf(doc, struct)) ?? inheritedRoot(own, struct);
    if (name === null) return null;
    for (let clock = struct.id.clock; clock < struct.id.clock + struct.length; clock += 1) {
      own.set(`${struct.id.client}:${clock}`, name);
    }
    roots.add(name);
  }
  for (const [client, ranges] of ds.clients) {
    for (const { clock, len } of ranges) {
      for (let at = clock; at < clock + len; at += 1) {
        const name = own.get(`${client}:${at}`) ?? rootAt(doc, Y.createID(client, at));
        if (name === null) return null;
        roots.add(name);
      }
    }
  }
  return roots;
}

/** The root of an item that stands in, or beside, another item of the same update. */
function inheritedRoot(own: ReadonlyMap<string, string>, item: Y.Item): string | null {
  const parent = item.parent as unknown;
  for (const id of [parent instanceof Y.ID ? parent : null, item.origin, item.rightOrigin]) {
    const name = id && own.get(`${id.client}:${id.clock}`);
    if (name) return name;
  }
  return null;
}

function rootAt(doc: Y.Doc, id: Y.ID): string | null {
  if (Y.getState(doc.store, id.client) <= id.clock) return null;
  const item: unknown = Y.getItem(doc.store, id);
  return item instanceof Y.Item ? rootOf(doc, item.parent as Parent) : null;
}

/** The parts of the plan that a change made here has touched: names of texts, `meta`, and `step:<id>` for a step's head. */
export function placesOf(transaction: Y.Transaction): Set<string> {
  const places = new Set<string>();
  for (const [type, keys] of transaction.changed) {
    const name = rootOf(transaction.doc, type as Y.AbstractType<unknown>);
    if (name !== "steps") {
      if (name !== null) places.add(name);
      continue;
    }
    const id = type._item?.parentSub;
    if (id) places.add(`step:${id}`);
    else for (const key of keys) if (key !== null) places.add(`step:${key}`);
  }
  return places;
}
