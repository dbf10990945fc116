import { setTimeout as pause } from 'node:timers/promises'
import { type Random, seeded } from '../random.js'
import type { Violation } from './check.js'
import type { Installation, Scene } from './installation.js'

/** A fault of the real world, while a feed goes through the real line. */
export interface SceneKind {
  readonly name: string
  /** For tables. */
  readonly words: string
  play(scene: Scene, random: Random): Promise<void>
}

export interface Played {
  readonly name: string
  readonly words: string
  readonly seconds: number
  readonly records: number
  readonly verdicts: number
  readonly repeats: number
  readonly kills: number
  readonly violations: readonly Violation[]
}

/** `kill -9` in mid-read, so many times, each after some of the input has come in. */
export function kills(times: number): SceneKind {
  return {
    name: `kill${times}`,
    words: `kill -9, ${times} times, one after the other`,
    async play(scene, random) {
      for (let i = 0; i < times; i++) {
        const service = await scene.up()
        await service.ready()
        await scene.send(0.9 / times)
        await pause(random.integer(0, 1500))
        await scene.kill(service)
      }
      await (await scene.up()).ready()
    },
  }
}

export const SCENES: readonly SceneKind[] = [
  kills(20),
  {
    name: 'stopped',
    words: 'SIGSTOP for 45 s, past the session timeout of 30 s, while another takes over; SIGCONT',
    async play(scene, random) {
      const [first, second] = [await scene.up(), await scene.up()]
      await Promise.all([first.ready(), second.ready()])
      await scene.send(0.3)
      await pause(random.integer(0, 600))
      first.stand()
      await scene.send(0.3)
      await pause(45_000)
      await scene.send(0.2)
      first.goOn()
      await pause(3000)
    },
  },
  {
    name: 'broker',
    words: 'broker killed by kill -9, away for 5 s, twice',
    async play(scene) {
      await (await scene.up()).ready()
      for (let i = 0; i < 2; i++) {
        await scene.send(0.3)
        await scene.at.kafka.crash()
        await pause(5000)
        await scene.at.kafka.start()
        await scene.send(0.1)
      }
    },
  },
  {
    name: 'redis',
    words: 'Redis killed and back; then its data lost and the service killed',
    async play(scene) {
      const first = await scene.up()
      await first.ready()
      await scene.send(0.3)
      await scene.at.redis.crash()
      await scene.send(0.2)
      await pause(12_000)
      await scene.at.redis.start()
      await scene.send(0.2)
      await pause(12_000)
      await scene.kill(first)
      await scene.at.flushRedis()
      await (await scene.up()).ready()
    },
  },
  {
    name: 'disk',
    words: 'disk full at the checkpoints, then the service killed; room again, and the service killed',
    async play(scene) {
      const first = await scene.up({ ...scene.disk, MOST_FILE_KB: '20' })
      await first.ready()
      for (let i = 0; i < 3; i++) {
        await scene.send(0.2)
        await pause(11_000)
      }
      if (!/going on without checkpoints/.test(first.log))
        throw new Error(`the disk was not full: ${first.log.slice(-500)}`)
      await scene.kill(first)
      const second = await scene.up(scene.disk)
      await second.ready()
      await scene.send(0.2)
      await pause(11_000)
      await scene.kill(second)
      await (await scene.up(scene.disk)).ready()
    },
  },
  {
    name: 'scale',
    words: 'one instance, four, two (asked to stop), one (killed)',
    async play(scene) {
      const running = [await scene.up()]
      await running[0]!.ready()
      await scene.send(0.25)
      for (let i = 0; i < 3; i++) running.push(await scene.up())
      await Promise.all(running.map(service => service.ready()))
      await scene.send(0.25)
      for (const service of running.splice(0, 2)) await service.kill('SIGTERM')
      await scene.send(0.25)
      await scene.kill(running[0]!)
    },
  },
  {
    name: 'storm',
    words: 'an instance joins or leaves every second for a minute',
    async play(scene, random) {
      const running = [await scene.up()]
      await running[0]!.ready()
      for (let i = 0; i < 60; i++) {
        await scene.send(0.015)
        await pause(1000)
        if (running.length < 3 && (running.length === 1 || random.chance(0.5))) running.push(await scene.up())
        else void running.splice(random.integer(0, running.length - 1), 1)[0]!.kill('SIGTERM')
      }
    },
  },
]

/** Plays it to its end, and compares. */
export async function play(at: Installation, kind: SceneKind, seed: number, records: number): Promise<Played> {
  const started = Date.now()
  const scene = await at.scene(`${kind.name}-${seed}`, seed, records)
  try {
    await kind.play(scene, seeded(seed))
    const { violations, verdicts, repeats } = await scene.end()
    const { name, words } = kind
    const seconds = Math.round((Date.now() - started) / 1000)
    return { name, words, seconds, records: scene.records, verdicts, repeats, kills: scene.done.kills, violations }
  } finally {
    await scene.stop()
  }
}
