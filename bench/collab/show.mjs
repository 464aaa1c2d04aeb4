// node show.mjs FILE: the runs of one workload as a Markdown table, medians and in brackets the range
import fs from 'node:fs'
import { median } from './lib/util.mjs'

const runs = fs.readFileSync(process.argv[2], 'utf8').split('\n').filter(Boolean).map(line => JSON.parse(line))
for (const run of runs.filter(run => run.error)) console.log('failed:', run.peer, run.error.split('\n')[0])
const good = runs.filter(run => !run.error)
const sum = name => good.reduce((total, run) => total + run[name], 0)
const cell = (list, name, digits) => {
  const values = list.map(run => run[name]).filter(value => value != null)
  if (!values.length) return ''
  const [low, high] = [Math.min(...values), Math.max(...values)].map(value => value.toFixed(digits))
  return `${median(values).toFixed(digits)} (${low}–${high})`
}
if (good[0]?.what === 'kill') {
  console.log('| clients | kills | sent | acknowledged | acknowledged and missing | missing | runs with different texts |')
  console.log('|---|---|---|---|---|---|---|')
  console.log(`| ${good[0].alive ? 'alive' : 'lost'} | ${good.length} | ${sum('sent')} | ${sum('acked')} | ${sum('ackedMissing')} | ${sum('missing')} | ${good.filter(run => run.texts > 1).length} |`)
} else {
  console.log('| peer | runs | CPU µs/update | p50 ms | p99 ms | ack p50 ms | RSS MB | machine busy % | not converged |')
  console.log('|---|---|---|---|---|---|---|---|---|')
  for (const peer of new Set(good.map(run => run.peer))) {
    const of = good.filter(run => run.peer === peer)
    console.log(`| ${peer} | ${of.length} | ${cell(of, 'cpuUsPerUpdate', 0)} | ${cell(of, 'p50', 1)} | ${cell(of, 'p99', 1)} | ${cell(of, 'ackP50', 1)} | ${cell(of, 'rss', 0)} | ${cell(of, 'busyPct', 0)} | ${of.filter(run => run.missing || run.undelivered).length} |`)
  }
}
