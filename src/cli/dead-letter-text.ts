import type { Deciphered } from '../codec/confluent-value.js'
import type { ReplayNote } from '../codec/dead-letter.js'
import { colours as pc } from './colours.js'
import type { Letter } from './dead-letter-reading.js'
import { table } from './output.js'

/** Bytes of a value that `show` prints unless all are asked for. */
const SHOWN = 1024
const ROW = 16

/** A dead letter without its bytes, which are not kept. */
export interface Told extends Omit<Letter, 'key' | 'value' | 'headers'> {
  readonly key: string | null
  readonly bytes: number
}

export function told({ key, value, headers: _, ...letter }: Letter): Told {
  return { ...letter, key: key && short(printable(key)), bytes: value?.length ?? 0 }
}

export function letterTable(letters: readonly Told[], isReplayed: (letter: Told) => boolean): string {
  return table(
    ['rejected', 'id', 'cause', 'bytes', 'key', 'replay'],
    letters.map(letter => [
      letter.time.replace('T', ' ').replace(/\.\d+Z$/, 'Z'),
      letter.id,
      pc.red(letter.cause),
      String(letter.bytes),
      letter.key ?? '',
      [letter.replayOf && `of ${letter.replayOf}`, isReplayed(letter) && 'replayed'].filter(Boolean).join(', '),
    ]),
  )
}

/** `12 dead letters: 9 not-json, 3 key-missing`. */
export function countsText(causes: ReadonlyMap<string, number>): string {
  const total = [...causes.values()].reduce((sum, count) => sum + count, 0)
  const each = [...causes].sort(([, a], [, b]) => b - a).map(([cause, count]) => `${count} ${cause}`)
  return `${total} dead letter${total === 1 ? '' : 's'}: ${each.join(', ')}`
}

export function letterText(letter: Letter, decoded: Deciphered, note: ReplayNote | null, all: boolean): string {
  const { id, cause, remedy, topic, partition, offset, timestamp, time, key, value, headers, replayOf } = letter
  const rows = [
    ['remedy', remedy],
    ['from', `${topic}, partition ${partition}, offset ${offset}, written ${timestamp}`],
    ['rejected', time],
    ...(replayOf === null ? [] : [['replay of', replayOf]]),
    ['replayed', note === null ? 'no' : `${note.at} by ${note.by}`],
    ['key', key === null ? 'null' : printable(key)],
    ...Object.entries(headers).map(([name, bytes]) => ['header', `${name}: ${printable(bytes)}`]),
    ['value', value === null ? 'null' : `${value.length} bytes`],
    'json' in decoded ? ['decoded', `${decoded.format}: ${cut(decoded.json, all)}`] : ['not decoded', decoded.fault],
  ]
  const lines = rows.map(([name, text]) => `${pc.dim(name!.padEnd(12))} ${text}`)
  const shown = (value ?? new Uint8Array()).subarray(0, all ? undefined : SHOWN)
  const more = (value?.length ?? 0) - shown.length
  return [
    `${pc.red(cause)} ${pc.bold(id)}`,
    ...lines,
    '',
    isText(shown) ? Buffer.from(shown).toString() : hex(shown),
    ...(more > 0 ? [pc.dim(`… ${more} more bytes: add --all`)] : []),
  ].join('\n')
}

function cut(text: string, all: boolean): string {
  return all || text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}… (--all)`
}

/** As text where it is text, else in hex. Control characters do not reach the terminal. */
function printable(bytes: Uint8Array): string {
  return isText(bytes)
    ? JSON.stringify(Buffer.from(bytes).toString()).slice(1, -1)
    : `0x${Buffer.from(bytes).toString('hex')}`
}

function short(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`
}

/** UTF-8 without control characters other than tab and line ends; one cut in its last character still counts. */
function isText(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are looked for
    return !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/.test(text)
  } catch {
    return false
  }
}

/** As `hexdump -C`. */
function hex(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += ROW) {
    const row = Buffer.from(bytes.subarray(at, at + ROW))
    const pairs = [...row].map(byte => byte.toString(16).padStart(2, '0')).join(' ')
    const text = row.toString('latin1').replace(/[^ -~]/g, '.')
    lines.push(`${at.toString(16).padStart(8, '0')}  ${pairs.padEnd(3 * ROW)} |${text}|`)
  }
  return lines.join('\n')
}
