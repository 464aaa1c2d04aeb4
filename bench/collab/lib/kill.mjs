import * as Y from 'yjs'
import { launch, client, rooms } from './peers.mjs'
import { Editor, seed, chineseText } from './load.mjs'
import { sleep, now, rng } from './util.mjs'

/** n editors type into one document; after `after` ms the server gets SIGKILL and starts again on its data.
 * Clients lost with it: an insert is missing when it was acknowledged before the kill and a fresh client does not find it.
 * Clients alive: they connect again, send what was not acknowledged, go on typing for a while, and no insert may be missing. */
export async function kill ({ peer, port, data, n, after, rate, alive, logFile }) {
  const [room] = rooms(peer, data, 1, n)
  let server = await launch(peer, { port, data, logFile })
  await seed(peer, port, room, chineseText(1000, rng(3)))
  await sleep(300)
  const editors = []
  for (let i = 0; i < n; i++) editors.push(new Editor(peer, { port, room, seat: i, apply: alive, rand: rng(99 + i + Math.floor(after)), delRatio: 0.1 }))
  await Promise.all(editors.map(e => e.c.connect()))
  editors.forEach(e => e.start(rate))
  await sleep(after)
  server.killTree('SIGKILL')
  const killed = now()
  editors.forEach(e => { if (!alive) e.stop(); e.c.terminate() })
  await server.kill9()
  server = await launch(peer, { port, data, logFile })
  if (alive) {
    // what browsers do: connect again with the same document; the answer to the join says what the server lacks
    await Promise.all(editors.map(async e => { e.c = client(peer, { port, room, seat: editors.indexOf(e), doc: e.doc, apply: true, onAck: tag => e.ack(tag) }); await e.c.connect() }))
    await sleep(1000)
    editors.forEach(e => e.stop())
    await sleep(1500)
  }
  const fresh = client(peer, { port, room, apply: true })
  await fresh.connect(10000)
  await sleep(1200)
  const out = { peer, after: Math.round(after), alive, sent: 0, acked: 0, missing: 0, ackedMissing: 0, texts: 0 }
  for (const e of editors) {
    const have = Y.getState(fresh.doc.store, e.id)
    out.sent += e.sent.length
    out.missing += Math.max(0, e.sent.length - have)
    e.acked.forEach((at, k) => {
      if (at < killed || alive) { out.acked++; if (k >= have) out.ackedMissing++ }
    })
  }
  if (alive) out.texts = new Set([fresh, ...editors.map(e => e.c)].map(c => c.doc.getText('t').toString())).size // 1: all equal
  editors.forEach(e => e.c.terminate())
  fresh.terminate()
  await server.kill9()
  return out
}
