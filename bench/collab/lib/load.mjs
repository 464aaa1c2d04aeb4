import * as Y from 'yjs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { launch, client, rooms as roomsOf } from './peers.mjs'
import { sleep, now, quantiles, rng, cpuTicks } from './util.mjs'
import { updateKeys } from './ykeys.mjs'

const HAN = '教学设计目标活动评价学生小组讨论课堂提问情境任务单元素养数学语文科学实验观察记录反思作业板书导入新知巩固练习'
export const chineseText = (n, r) => { let s = ''; for (let i = 0; i < n; i++) s += i % 60 === 59 ? '。' : HAN[Math.floor(r() * HAN.length)]; return s }

/** One typist: its own Y.Doc, one-character inserts at random positions, some deletes; keeps when each insert was sent. */
export class Editor {
  constructor (peer, o) {
    this.peer = peer; this.r = o.rand; this.delRatio = o.delRatio ?? 0.1
    this.doc = new Y.Doc()
    this.text = this.doc.getText('t')
    this.sent = [] // sent[i] = send time of the i-th insert (clock = i)
    this.acked = []; this.deliv = []
    this.nSent = 0; this.nDel = 0; this.nAck = 0
    this.ackLat = []
    this.c = client(peer, { port: o.port, room: o.room, seat: o.seat, doc: this.doc, apply: o.apply, onUpdate: o.onUpdate, onAck: tag => this.ack(tag), onClose: () => { this.closed = true } })
    this.doc.on('update', (u, origin) => { if (origin === 'local') this.out = u })
  }

  get id () { return this.doc.clientID }
  ack (tag) { const t = now(); this.nAck++; if (tag >= 0) { this.acked[tag] = t; this.ackLat.push(t - this.sent[tag]) } }
  type () {
    if (this.closed) return
    const len = this.text.length
    const pos = Math.floor(this.r() * Math.max(1, len))
    let tag = -1
    if (this.r() < this.delRatio && len > 10) {
      this.doc.transact(() => this.text.delete(pos, 1), 'local'); this.nDel++
    } else {
      this.doc.transact(() => this.text.insert(pos, HAN[Math.floor(this.r() * HAN.length)]), 'local')
      tag = this.sent.length
      this.sent.push(now())
    }
    this.nSent++
    this.c.sendUpdate(this.out, tag)
  }

  start (rate) {
    const period = 1000 / rate
    const loop = () => { if (this.stopped) return; this.type(); this.timer = setTimeout(loop, period * (0.5 + this.r())) }
    this.timer = setTimeout(loop, this.r() * period)
  }

  stop () { this.stopped = true; clearTimeout(this.timer) }
}

export async function seed (peer, port, room, text) {
  const doc = new Y.Doc()
  const c = client(peer, { port, room, doc })
  await c.connect()
  let u
  doc.on('update', x => { u = x })
  doc.getText('t').insert(0, text)
  c.sendUpdate(u, 0)
  await sleep(150)
  c.terminate()
}

/** docs x editors typing at `rate` chars/s for `secs`; `probes` listeners per document decode what they receive. */
export async function load ({ peer, port, data, docs = 1, editors = 5, rate = 4, secs = 10, warm = 1.5, probes = 20, chars = 5000, seedNo = 1, logFile }) {
  const open = roomsOf(peer, data, docs, editors)
  const srv = await launch(peer, { port, data, logFile })
  const res = { peer, docs, editors, rate, secs }
  const r = rng(seedNo)
  const rss0 = srv.sample().rss
  const all = []; const byId = new Map()
  const lat = []
  let measuring = false; let got = 0
  const onUpdate = me => (u8, t) => updateKeys(u8, (c, clk, len) => {
    const e = byId.get(c)
    if (!e || e === me.e) return
    for (let k = clk; k < clk + len; k++) {
      const s = e.sent[k]
      if (s >= measuring) { got++; lat.push(t - s) }
    }
  })
  measuring = Infinity
  const rooms = []
  const texts = Array.from({ length: docs }, () => chineseText(chars, r))
  const one = async d => {
    const room = open[d]
    await seed(peer, port, room, texts[d])
    const eds = []
    for (let i = 0; i < editors; i++) {
      const me = {}
      const e = me.e = new Editor(peer, { port, room, seat: i, rand: rng(seedNo * 1000003 + d * 1009 + i), onUpdate: onUpdate(me) })
      eds.push(e); byId.set(e.id, e)
    }
    // joins in small groups, as browsers would
    for (let i = 0; i < eds.length; i += 20) await Promise.all(eds.slice(i, i + 20).map(e => e.c.connect()))
    eds.forEach((e, i) => { if (i >= probes) e.c.sink() })
    rooms[d] = { room, eds }
  }
  for (let d = 0; d < docs; d += 8) await Promise.all(texts.slice(d, d + 8).map((_, i) => one(d + i)))
  all.push(...rooms.flatMap(x => x.eds))
  await sleep(300)
  all.forEach(e => e.start(rate))
  await sleep(warm * 1000)
  const eld = monitorEventLoopDelay({ resolution: 5 }); eld.enable()
  const c0 = srv.sample(); const g0 = process.cpuUsage(); const t0 = now()
  const s0 = all.reduce((a, e) => a + e.nSent, 0); const f0 = all.reduce((a, e) => a + e.c.bytesIn, 0); const fr0 = all.reduce((a, e) => a + e.c.framesIn, 0)
  const i0 = all.map(e => e.sent.length)
  measuring = t0
  const k0 = cpuTicks()
  await sleep(secs * 1000)
  all.forEach(e => e.stop())
  const t1 = now()
  const c1 = srv.sample(); const g1 = process.cpuUsage(g0)
  eld.disable()
  const k1 = cpuTicks()
  res.stealPct = 100 * (k1.steal - k0.steal) / (k1.total - k0.total); res.busyPct = 100 * (1 - (k1.idle - k0.idle) / (k1.total - k0.total))
  const i1 = all.map(e => e.sent.length)
  let expected = 0
  for (let d = 0; d < docs; d++) {
    const n = Math.min(probes, editors)
    for (let i = 0; i < editors; i++) expected += (i1[d * editors + i] - i0[d * editors + i]) * (i < n ? n - 1 : n)
  }
  const end = now() + 8000
  while (now() < end && got < expected) await sleep(20)
  const drain = now() - t1
  const wall = (t1 - t0) / 1000
  const sent = all.reduce((a, e) => a + e.nSent, 0) - s0
  res.updatesPerS = sent / wall
  res.deliveriesPerS = sent * (editors - 1) / wall
  Object.assign(res, quantiles(lat))
  const undelivered = expected - got
  res.undelivered = undelivered
  res.drainMs = drain
  res.cpu = (c1.cpu - c0.cpu) / wall // cores
  res.cpuUsPerUpdate = (c1.cpu - c0.cpu) * 1e6 / sent
  res.cpuUsPerDelivery = (c1.cpu - c0.cpu) * 1e6 / (sent * (editors - 1))
  res.rss = c1.rss; res.rss0 = rss0; res.rssPerDocKB = (c1.rss - rss0) * 1024 / docs
  res.genCpu = (g1.user + g1.system) / 1e6 / wall
  res.genLagP99 = eld.percentile(99) / 1e6 - 5
  res.bytesPerClientS = (all.reduce((a, e) => a + e.c.bytesIn, 0) - f0) / wall / all.length
  res.framesPerProbeS = (all.reduce((a, e) => a + e.c.framesIn, 0) - fr0) / wall / (docs * Math.min(probes, editors))
  const al = all.flatMap(e => e.ackLat.slice(-Math.max(1, Math.round(rate * secs * 0.8))))
  if (al.length) { const q = quantiles(al); res.ackP50 = q.p50; res.ackP99 = q.p99 }
  res.closed = all.filter(e => e.closed).length
  // convergence: a fresh client must hold every insert of every editor
  await sleep(100)
  let missing = 0
  for (const { room, eds } of rooms.slice(0, 3)) {
    const f = client(peer, { port, room, apply: true })
    try {
      await f.connect(10000)
      const need = () => eds.reduce((a, e) => a + Math.max(0, e.sent.length - (f.doc.store.clients.has(e.id) ? Y.getState(f.doc.store, e.id) : 0)), 0)
      const until = now() + 3000
      while (need() > 0 && now() < until) await sleep(30)
      missing += need()
    } catch (err) { missing = -1; res.err = String(err.message) }
    f.terminate()
  }
  res.missing = missing
  all.forEach(e => e.c.terminate())
  await srv.kill9()
  return res
}
