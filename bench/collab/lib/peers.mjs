import fs from 'node:fs'
import path from 'node:path'
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Hocuspocus, Tongke } from './clients.mjs'
import { startServer } from './util.mjs'

const here = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const root = path.resolve(here, '../..')
const python = process.env.BENCH_PYTHON || path.join(root, '.venv/bin/python')

const hocuspocus = (env = {}) => ({
  Client: Hocuspocus,
  cmd: 'node',
  args: [path.join(here, 'servers/hocuspocus.mjs')],
  env,
  rooms: (data, docs) => Array.from({ length: docs }, (_, i) => `room-${i}`)
})

export const peers = {
  tongke: {
    Client: Tongke,
    cmd: python,
    args: [process.env.BENCH_TONGKE || path.join(here, 'servers/tongke.py')],
    env: {},
    rooms (data, docs, editors) {
      execFileSync(python, [process.env.BENCH_PREPARE || path.join(here, 'prepare.py'), data, String(docs), String(editors)], { stdio: ['ignore', 'ignore', 'inherit'] })
      const made = JSON.parse(fs.readFileSync(path.join(data, 'bench.json')))
      return made.rooms.map(room => ({ ...room, cookieName: made.cookie }))
    }
  },
  hocuspocus: hocuspocus(),
  'hocuspocus-flush20': hocuspocus({ HP_FLUSH: '20' })
}

export function launch (name, { port, data, logFile }) {
  const p = peers[name]
  if (!p) throw new Error('no such peer ' + name)
  return startServer({ cmd: p.cmd, args: p.args, cwd: here, port, core: 0, logFile, env: { PORT: String(port), DATA_DIR: data, PYTHONDONTWRITEBYTECODE: '1', ...p.env } })
}

/** Documents that this peer's clients can open, each with `editors` seats. */
export function rooms (name, data, docs, editors) {
  fs.mkdirSync(data, { recursive: true })
  return peers[name].rooms(data, docs, editors)
}
export const client = (name, o) => new peers[name].Client(o)
