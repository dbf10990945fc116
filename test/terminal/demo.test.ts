import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { driftlineHere, succeedHere } from '../integration/cli-here.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** As built at the start of the run. */
const COMMAND = [process.execPath, 'dist/cli/main.js', 'demo']
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character
const ESCAPE = /\u001b\[/

const CTRL_C = '\u0003'

/**
 * @param env what the terminal's environment has beside ours; colours are not asked for unless told
 * @param until Ctrl-C is typed once this is on the screen
 */
async function run(command: readonly string[], env: Record<string, string> = {}, until?: string) {
  const { NO_COLOR: _, FORCE_COLOR: __, ...ours } = process.env
  const child = spawn(command[0], command.slice(1), { cwd: ROOT, env: { ...ours, TERM: 'xterm-256color', ...env } })
  const texts = { stdout: '', stderr: '' }
  let typed = until === undefined
  child.stdout.on('data', chunk => {
    texts.stdout += chunk
    if (typed || !texts.stdout.includes(until!)) return
    typed = true
    child.stdin.write(CTRL_C)
  })
  child.stderr.on('data', chunk => (texts.stderr += chunk))
  const code = await new Promise<number | null>(resolve => child.on('close', resolve))
  return { code, ...texts }
}

/** Under a pseudo-terminal, by util-linux's `script`. The shell in between, whichever it is, makes way: some end by Ctrl-C on their own account. */
function inTerminal(options: string, env: Record<string, string> = {}, until?: string) {
  const command = COMMAND.map(word => `'${word}'`).join(' ')
  return run(['script', '-qec', `stty cols 150; exec ${command} ${options}`, '/dev/null'], env, until)
}

const hasScript = spawnSync('script', ['--version']).status === 0

describe('driftline demo in a pipe', () => {
  it('tells what was injected and what was found, in plain lines', async () => {
    const { code, stdout, stderr } = await run([...COMMAND, '--hours', '12'], { CI: 'true' })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).not.toMatch(ESCAPE)
    expect(stdout).not.toContain('\r')
    expect(stdout).not.toContain('windows judged')
    expect(stdout).toMatch(/Mon \d\d:\d\d {2}▲ opens +trip_km +v1 +critical +\w+ [\d.]+ \(limit [\d.]+\)/)
    expect(stdout).toMatch(/ {13}training {2}[·▁-█]{40} median .*\n {13}window {4}[·▁-█]{40} median/)
    expect(stdout).toMatch(/▼ resolved +trip_km/)
    expect(stdout).toContain('5 of 5 found')
    expect(stdout).toContain('False alarms: none')
    expect(stdout).toMatch(/What labels say of the score \([\d,]+ of [\d,]+ rides have one/)
    expect(stdout).toMatch(/trip_km: in the window until Mon .* the estimate said 0\.0/)
    expect(stdout).toContain('the sums are exact')
    expect(stdout.match(/^ {2}driftline \w+/gm)).toHaveLength(3)
  })

  it('gives NDJSON with the summary last', async () => {
    const { code, stdout } = await run([...COMMAND, '--hours', '12', '--json'])
    expect(code).toBe(0)
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    const { summary } = lines.pop()
    const [alerts, incidents] = [lines.filter(one => one.alertId), lines.filter(one => !one.alertId)]
    expect(summary.alertEvents).toBe(alerts.length)
    expect(summary.incidentEvents).toBe(incidents.length)
    expect(new Set(incidents.map(one => one.incidentId))).toEqual(new Set(alerts.map(one => one.incidentId)))
    expect(summary.records.exact).toBe(true)
    expect(summary.faults.every((fault: { found: boolean }) => fault.found)).toBe(true)
    for (const alert of alerts)
      expect(alert).toMatchObject({ alertId: expect.any(String), series: { model: 'ride-pricing' } })
  })

  it('refuses what it cannot do with exit code 2, and says why', async () => {
    const { code, stderr, stdout } = await run([...COMMAND, '--hours', '3'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('3 hours: expected from 12')
  })
})

/** In this process: of what is refused before anything begins. */
describe('driftline demo', () => {
  it.each([
    [['--seed', '-1'], 'expected a whole number from 0'],
    [['--hours', '24', '--days', '1'], 'give one of them'],
    [['--speed', 'fast'], 'expected a number above 0'],
    [['--produce'], 'KAFKA_BROKERS is not set'],
  ])('refuses %j with exit code 2 and says why', async (options, words) => {
    const { code, stderr, stdout } = await driftlineHere({ KAFKA_BROKERS: '' }, 'demo', ...options)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(words)
  })

  it('shows examples', async () => {
    expect(await succeedHere({}, 'demo', '--help')).toContain('driftline demo --no-faults')
  })
})

describe('driftline demo on a terminal', () => {
  beforeAll(() => {
    if (!hasScript)
      throw new Error('a pseudo-terminal needs the command `script`: install util-linux (bsdutils on Debian)')
  })

  it('shows progress below the alerts, in colours', async () => {
    const { code, stdout } = await inTerminal('--hours 12')
    expect(code).toBe(0)
    expect(stdout).toMatch(ESCAPE)
    expect(stdout).toMatch(/records · [\d,]+\/s · \d+ windows judged · /)
    expect(stdout).toMatch(/firing: [\w, ]*payment_type/)
    expect(stdout).toContain('5 of 5 found')
    // What is left on the screen at the end is not the progress.
    expect(stdout.slice(stdout.lastIndexOf('\r\u001b[2K'))).not.toContain('windows judged')
  })

  it('ends early on Ctrl-C with what it has, and has no colours under NO_COLOR', async () => {
    const { code, stdout } = await inTerminal('--speed 7200', { NO_COLOR: '1' }, 'windows judged')
    expect(code).toBe(0)
    expect(stdout).toContain('the sums are exact')
    expect(stdout).toContain('stopped early')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character
    expect(stdout).not.toMatch(/\u001b\[\d*m/)
  })
})
