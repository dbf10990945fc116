import { expect, it } from 'vitest'
import { Installation } from './installation.js'
import { kills, play } from './scenes.js'

/** The short form of the scenes of `npm run test:faults`. */
it('a service that is killed by -9 on a real Kafka loses nothing, and says nothing twice with another content', async () => {
  const at = await Installation.start({ KAFKA_SESSION_TIMEOUT: '10s' })
  try {
    const { violations, verdicts } = await play(at, kills(1), 1, 300)
    expect(violations).toEqual([])
    expect(verdicts).toBeGreaterThan(500)
  } finally {
    await at.stop()
  }
}, 300_000)
