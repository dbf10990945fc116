import { makeFeed } from './feed.js'
const f = makeFeed(2010, { never: true, patient: true })
for (const [o, r] of f.partitions[0]!.entries()) { try { const e = JSON.parse(String(r.value)); console.log(o, e.model, (e.eventTime - 1767571200000) / 60000, e.requestId) } catch { console.log(o, 'bad') } }
