// Protocol-level clients: one class per wire protocol. They speak exactly what the browser speaks, but do not apply what they
// receive to a document unless asked (so that the generator is not the bottleneck).
// Interface (what workloads use):
//   new X({port, room, seat, doc, apply, onUpdate(u8, t), onAck(tag, t), onClose()})
//   await c.connect()        resolves when first synced (doc has the server's state)
//   c.sendUpdate(u8, tag)    tag comes back through onAck when the server acknowledges
//   c.sink()                 from now on only count the incoming bytes (cheap receiver)
//   c.terminate(); c.bytesIn; c.framesIn; c.syncBytes
import WebSocket from 'ws'
import * as Y from 'yjs'
import * as enc from 'lib0/encoding'
import * as dec from 'lib0/decoding'
import notepack from 'notepack.io'
import { now } from './util.mjs'

const noop = () => {}
class Base {
  constructor ({ port, room, seat, doc, apply = false, onUpdate = noop, onAck = noop, onClose = noop }) {
    Object.assign(this, { port, room, seat, doc: doc || new Y.Doc(), apply, onUpdate, onAck, onClose })
    this.bytesIn = 0; this.framesIn = 0; this.syncBytes = 0; this.synced = false
    this.whenSynced = new Promise((resolve, reject) => { this._ok = resolve; this._bad = reject })
    this.whenSynced.catch(noop)
  }

  headers () { return {} }
  open (url) {
    this.ws = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true, headers: this.headers() })
    this.ws.binaryType = 'nodebuffer'
    this.ws.on('open', () => { this.ws._socket.setNoDelay(true); this.opened() })
    this.ws.on('message', (d, isBin) => { this.framesIn++; this.bytesIn += d.length; this.msg(d, isBin) })
    this.ws.on('close', () => { this._bad(new Error('closed')); this.onClose() })
    this.ws.on('error', e => { this._bad(e) })
  }

  async connect (timeout = 20000) {
    this.open(this.url())
    const t = setTimeout(() => this._bad(new Error('sync timeout')), timeout)
    try { await this.whenSynced } finally { clearTimeout(t) }
    return this
  }

  opened () {}
  gotState (u8) {
    this.syncBytes += u8.length
    if (u8.length) Y.applyUpdate(this.doc, u8, 'remote')
    if (!this.synced) { this.synced = true; this._ok() }
  }

  gotUpdate (u8) {
    const t = now()
    if (this.apply) { this.syncBytes += u8.length; Y.applyUpdate(this.doc, u8, 'remote') }
    this.onUpdate(u8, t)
  }

  sink () {
    const s = this.ws._socket
    s.removeAllListeners('data')
    s.on('data', c => { this.bytesIn += c.length })
    s.resume()
  }

  terminate () { this.ws.removeAllListeners('close'); this.ws.on('close', noop); this.ws.terminate() }
}

/** Hocuspocus v4: document name prefix, token first, SyncStatus (8) per sync message */
export class Hocuspocus extends Base {
  constructor (o) { super(o); this.outstanding = [] }
  url () { return `ws://127.0.0.1:${this.port}/` }
  opened () {
    const e = enc.createEncoder()
    enc.writeVarString(e, this.room); enc.writeVarUint(e, 2); enc.writeVarUint(e, 0); enc.writeVarString(e, 'token'); enc.writeVarString(e, '4.7.0')
    this.ws.send(enc.toUint8Array(e))
    this.sendSync(0, Y.encodeStateVector(this.doc))
  }

  sendSync (kind, payload) {
    const e = enc.createEncoder()
    enc.writeVarString(e, this.room)
    enc.writeVarUint(e, 0); enc.writeVarUint(e, kind); enc.writeVarUint8Array(e, payload)
    this.ws.send(enc.toUint8Array(e))
  }

  sendUpdate (u8, tag) { this.outstanding.push(tag); this.sendSync(2, u8) }
  msg (data) {
    const d = dec.createDecoder(data)
    dec.readVarString(d)
    const type = dec.readVarUint(d)
    if (type === 0 || type === 4) {
      const k = dec.readVarUint(d)
      const p = dec.readVarUint8Array(d)
      if (k === 0) { this.outstanding.push(null); this.sendSync(1, Y.encodeStateAsUpdate(this.doc, p)) } else if (k === 1) this.gotState(p)
      else this.gotUpdate(p)
    } else if (type === 8) { const tag = this.outstanding.shift(); if (tag != null) this.onAck(tag) }
  }
}

/** docs/architecture.md, "The sync protocol": Socket.IO v5 over Engine.IO v4, websocket, msgpack, a real session cookie */
export class Tongke extends Base {
  constructor (o) { super(o); this.ackId = 0; this.waiting = new Map() }
  url () { return `ws://127.0.0.1:${this.port}/socket.io/?EIO=4&transport=websocket` }
  headers () { return { Cookie: `${this.room.cookieName}=${this.room.cookies[this.seat || 0]}` } }
  emit (args, onAck) {
    const id = this.ackId++
    this.waiting.set(id, onAck)
    this.ws.send(notepack.encode({ type: 2, nsp: '/plans', data: args, id }))
  }

  sendUpdate (u8, tag) {
    if (!this.synced) return // joining again finds out what the server lacks
    this.emit(['update', this.room.plan, Buffer.from(u8)], ([answer]) => {
      if (answer.seq) this.onAck(tag)
      else if (answer.error === 'not_stored') setTimeout(() => this.sendUpdate(u8, tag), 200)
      else throw new Error('update refused: ' + JSON.stringify(answer))
    })
  }

  msg (data, isBin) {
    if (!isBin) {
      if (data[0] === 0x32) this.ws.send('3') // ping
      else if (data[0] === 0x30) this.ws.send(notepack.encode({ type: 0, nsp: '/plans' }))
      return
    }
    const p = notepack.decode(data)
    if (p.type === 0) this.joined()
    else if (p.type === 2) { if (p.data[0] === 'update') this.gotUpdate(p.data[2]) } else if (p.type === 3) { const f = this.waiting.get(p.id); this.waiting.delete(p.id); f(p.data) } else if (p.type === 4) this._bad(new Error('refused ' + JSON.stringify(p.data)))
  }

  joined () {
    this.emit(['join', { plan: this.room.plan, schema: 2, state_vector: Buffer.from(Y.encodeStateVector(this.doc)) }], ([answer]) => {
      if (answer.error) { this._bad(new Error('join refused: ' + JSON.stringify(answer))); return }
      this.gotState(answer.update)
      const mine = Y.encodeStateAsUpdate(this.doc, answer.state_vector)
      if (mine.length > 2) this.sendUpdate(mine, -1)
    })
  }
}
