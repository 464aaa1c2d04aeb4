// node bench.mjs busy|many --peer tongke [--n 100] [--docs 60] [--secs 8] ...   one measured run, one JSON line on stdout
// node bench.mjs kill --peer tongke --clients lost|alive --after 4000          one kill -9 of the server
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { kill } from './lib/kill.mjs'
import { load } from './lib/load.mjs'

const [,, what, ...rest] = process.argv
const o = {}
for (let i = 0; i < rest.length; i += 2) o[rest[i].replace(/^--/, '')] = rest[i + 1]
const num = (k, d) => o[k] === undefined ? d : Number(o[k])
const peer = o.peer
const port = num('port', 21000 + Math.floor(Math.random() * 8000))
const data = o.data || fs.mkdtempSync(path.join(os.tmpdir(), 'collab-'))
const logFile = o.log
let result
try {
  if (what === 'busy') result = await load({ peer, port, data, docs: 1, editors: num('n', 100), rate: num('rate', 4), secs: num('secs', 8), seedNo: num('seed', 1), logFile })
  else if (what === 'many') result = await load({ peer, port, data, docs: num('docs', 60), editors: num('n', 5), rate: num('rate', 1), secs: num('secs', 8), seedNo: num('seed', 1), logFile })
  else if (what === 'kill') result = await kill({ peer, port, data, n: num('n', 10), after: num('after', 2000 + Math.random() * 8000), rate: num('rate', 4), alive: o.clients === 'alive', logFile })
  else throw new Error('busy|many|kill')
  console.log(JSON.stringify({ what, ...result }))
} catch (e) {
  console.log(JSON.stringify({ what, peer, error: String(e.stack || e) }))
  process.exitCode = 1
}
if (!o.data) fs.rmSync(data, { recursive: true, force: true })
process.exit()
