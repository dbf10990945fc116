import { Installation } from './installation.js'
import { kills, play, SCENES } from './scenes.js'
const at = await Installation.start()
try {
  for (const name of process.argv.slice(3)) {
    const kind = SCENES.find(s => s.name === name) ?? kills(Number(name))
    const r = await play(at, kind, Number(process.argv[2]), 1000)
    console.log(JSON.stringify({ ...r, violations: r.violations.length }), r.violations.slice(0, 3))
  }
} finally { await at.stop() }
process.exit(0)
