import { Runs } from './run.js'
const [from, n, only] = process.argv.slice(2)
const runs = new Runs()
const t = Date.now()
let bad = 0, verdicts = 0, records=0
const sum: Record<string, number> = {}
const by: Record<string, number> = {}
for (let seed = Number(from); seed < Number(from) + Number(n); seed++) {
  const r = await runs.run(seed, only ? JSON.parse(only) : {}).catch(e => { console.log('seed', seed, e); return null })
  if (!r) { bad++; continue }
  verdicts += r.verdicts; records += r.records
  for (const [k, v] of Object.entries(r.done)) sum[k] = (sum[k] ?? 0) + v
  if (r.violations.length) { bad++; for (const i of new Set(r.violations.map(v => v.invariant))) by[i] = (by[i] ?? 0) + 1
    if (process.env.FULL) console.log(r.violations.map(v=>v.invariant+': '+v.detail).filter(x=>!x.startsWith('one id')).join('\n').slice(0,6000)); if (bad < 12) console.log('SEED', seed, JSON.stringify(r.plan), r.violations.length, r.violations.slice(0, 2).map(v => v.invariant + ': ' + v.detail.slice(0, 400))) }
}
console.log({ bad, n, verdicts, records, ms: Date.now() - t, sum, by })
await runs.close()
