import { Server } from '@hocuspocus/server'
import { SQLite } from '@hocuspocus/extension-sqlite'
const server = new Server({
  port: Number(process.env.PORT), address: '127.0.0.1', quiet: true, stopOnSignals: true,
  ...(process.env.HP_FLUSH ? { flushDelay: process.env.HP_FLUSH === 'false' ? false : Number(process.env.HP_FLUSH) } : {}),
  ...(process.env.HP_DEBOUNCE ? { debounce: Number(process.env.HP_DEBOUNCE), maxDebounce: Number(process.env.HP_DEBOUNCE) } : {}),
  extensions: [new SQLite({ database: process.env.DATA_DIR + '/hp.sqlite' })]
})
server.listen()
