// node writer.mjs ADDRESS COOKIE PLAN LETTER COUNT: a browser's libraries against the server.
// Adds LETTER to the text `words` COUNT times, keeps its document equal, survives lost lines and a server that starts
// again. Prints a JSON line with its text whenever everything is acknowledged; ends when its standard input does.
import { io } from 'socket.io-client'
import parser from 'socket.io-msgpack-parser'
import * as Y from 'yjs'

const [, , address, cookie, plan, letter, count] = process.argv
const doc = new Y.Doc()
const text = doc.getText('words')
const bytes = data => new Uint8Array(data)
const unacknowledged = []
let joined = false
let sending = false

const socket = io(`${address}/plans`, {
  parser,
  transports: ['websocket', 'polling'],
  tryAllTransports: true,
  extraHeaders: { Cookie: cookie },
  reconnectionDelay: 100,
  reconnectionDelayMax: 300
})

socket.on('connect', async () => {
  const answer = await socket.emitWithAck('join', { plan, schema: 2, state_vector: Buffer.from(Y.encodeStateVector(doc)) })
  if (answer.error) throw new Error(JSON.stringify(answer))
  Y.applyUpdate(doc, bytes(answer.update), 'server')
  unacknowledged.length = 0
  const missing = Y.encodeStateAsUpdate(doc, bytes(answer.state_vector))
  if (missing.length > 2) unacknowledged.push(missing)
  joined = true
  send()
})
socket.on('disconnect', () => { joined = false; sending = false })
socket.on('update', (_, update) => { Y.applyUpdate(doc, bytes(update), 'server'); report() })
doc.on('update', (update, origin) => { if (origin !== 'server') { unacknowledged.push(update); send() } })

function send () {
  if (!joined || sending) return
  if (!unacknowledged.length) { report(); return }
  sending = true
  socket.emit('update', plan, Buffer.from(unacknowledged[0]), answer => {
    sending = false
    if (answer.seq) unacknowledged.shift()
    setTimeout(send, answer.seq ? 0 : 100)
  })
}

function report () {
  if (joined && !unacknowledged.length) console.log(JSON.stringify({ written, text: text.toString() }))
}

let written = 0
const typing = setInterval(() => {
  if (written >= Number(count)) { clearInterval(typing); report(); return }
  written++
  text.insert(text.length, letter)
}, 15)
process.stdin.on('end', () => process.exit(0)).resume()
