import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

/**
 * Who may import whom (DESIGN §9): folder of src → the folders, besides itself, that its files may import. `cli` and `demo` stand in
 * nobody's list but `cli`'s, which starts the demo.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  codec: ['core'],
  log: ['core'],
  state: ['core'],
  config: ['core'],
  files: ['core'],
  service: ['core', 'codec', 'log', 'state', 'config', 'files'],
  client: ['core', 'codec', 'log', 'config/environment.ts'],
  demo: ['core', 'codec', 'log', 'config', 'service'],
  cli: ['core', 'codec', 'log', 'state', 'config', 'files', 'client', 'service', 'demo'],
}

/** What breaks the table, and why it stays. Empty entries are to be taken out: the test says so. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  // The administration of topics says the same of an absent broker as the log does.
  'config/broker-topics.ts': 'log/kafka/faults.ts',
}

/** Packages that belong to some folders: what they wrap does not leak. */
const ONLY_IN: Readonly<Record<string, readonly string[]>> = {
  kafkajs: ['log', 'client', 'config', 'service/kafka.ts'],
  ioredis: ['state'],
  lmdb: ['state'],
  '@duckdb/node-api': ['files'],
  tdigest: ['files'],
  fastify: ['service'],
  'prom-client': ['service'],
  commander: ['cli'],
  'cli-progress': ['cli', 'demo'],
  zod: ['config'],
}

/** What the core must not name: it has no clock and no randomness. */
const FORBIDDEN_IN_CORE: readonly [string, RegExp][] = [
  ['Date.now', /\bDate\s*\.\s*now\b/],
  ['new Date()', /\bnew\s+Date\s*(\(\s*\)|(?![\w(\s]))/],
  ['Date()', /(?<!new\s)\bDate\s*\(\s*\)/],
  ['Math.random', /\bMath\s*\.\s*random\b/],
  ['performance', /\bperformance\s*\./],
  ['crypto', /\bcrypto\s*\./],
  ['a timer', /\b(setTimeout|setInterval|setImmediate|queueMicrotask)\s*\(/],
  ['process', /\bprocess\s*\./],
  ['globalThis', /\bglobalThis\b/],
]

const ROOT = resolve(import.meta.dirname, '..')
const SRC = join(ROOT, 'src')

interface Import {
  /** Relative to src. */
  readonly file: string
  readonly specifier: string
  /** File relative to src; null for a package or a module of Node. */
  readonly target: string | null
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map(file => file.replaceAll('\\', '/'))
  .filter(file => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .sort()
const texts = new Map(files.map(file => [file, readFileSync(join(SRC, file), 'utf8')]))
const imports = [...texts].flatMap(([file, text]) => importsOf(file, text))

function importsOf(file: string, text: string): Import[] {
  const statements = [
    /^(?:import|export)\s[^'";]*?\bfrom\s+['"]([^'"]+)['"]/gm,
    /^import\s+['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g,
  ]
  return statements.flatMap(statement =>
    [...text.matchAll(statement)].map(([, specifier]) => ({
      file,
      specifier: specifier!,
      target: targetOf(file, specifier!),
    })),
  )
}

function targetOf(file: string, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null
  return relative(SRC, resolve(SRC, dirname(file), specifier))
    .replaceAll('\\', '/')
    .replace(/\.js$/, '.ts')
}

const folderOf = (file: string): string => file.split('/')[0]!
const within = (file: string, place: string): boolean => file === place || file.startsWith(`${place}/`)
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
const isNode = (specifier: string): boolean => specifier.startsWith('node:') || builtinModules.includes(specifier)
const said = ({ file, specifier }: Import): string => `src/${file} imports ${specifier}`

describe('the import table of DESIGN §9', () => {
  it('knows every folder of src', () => {
    expect(new Set(files.map(folderOf))).toEqual(
      new Set(Object.keys(MAY_IMPORT).filter(name => files.some(file => within(file, name)))),
    )
    expect(files.length).toBeGreaterThan(100)
    expect(imports.length).toBeGreaterThan(500)
  })

  it.each(Object.entries(MAY_IMPORT))('%s imports itself and [%s], nothing else of src', (folder, allowed) => {
    const broken = imports.filter(
      ({ file, target }) =>
        target !== null &&
        within(file, folder) &&
        ![folder, ...allowed].some(place => within(target, place)) &&
        EXCEPTIONS[file] !== target,
    )
    expect(broken.map(said)).toEqual([])
  })

  it('holds its exceptions to those still needed', () => {
    const unused = Object.entries(EXCEPTIONS).filter(
      ([file, target]) => !imports.some(one => one.file === file && one.target === target),
    )
    expect(unused).toEqual([])
  })

  it('imports only files that are there', () => {
    const lost = imports.filter(({ target }) => target !== null && !target.endsWith('.json') && !texts.has(target))
    expect(lost.map(said)).toEqual([])
  })

  it.each(Object.entries(ONLY_IN))('only these import %s: %s', (name, places) => {
    const broken = imports.filter(
      ({ file, specifier }) => packageOf(specifier) === name && !places.some(place => within(file, place)),
    )
    expect(broken.map(said)).toEqual([])
  })

  it('imports no package that is not declared as a dependency', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>
    }
    const undeclared = imports.filter(
      ({ specifier, target }) =>
        target === null && !isNode(specifier) && dependencies[packageOf(specifier)] === undefined,
    )
    expect(undeclared.map(said)).toEqual([])
  })
})

describe('the core', () => {
  it('imports no package and no module of Node', () => {
    expect(imports.filter(({ file, target }) => within(file, 'core') && target === null).map(said)).toEqual([])
  })

  it('has no clock and no randomness', () => {
    const found = [...texts]
      .filter(([file]) => within(file, 'core'))
      .flatMap(([file, text]) => {
        const lines = withoutComments(text).split('\n')
        return FORBIDDEN_IN_CORE.flatMap(([name, pattern]) =>
          lines.flatMap((line, i) => (pattern.test(line) ? [`src/${file}:${i + 1} uses ${name}`] : [])),
        )
      })
    expect(found).toEqual([])
  })

  it('would be caught: the patterns find what they are for', () => {
    const lines = [
      'const t = Date.now()',
      'new Date()',
      'return new Date',
      'Math.random()',
      'performance.now()',
      'setTimeout(f, 1)',
    ]
    for (const line of lines)
      expect(
        FORBIDDEN_IN_CORE.some(([, pattern]) => pattern.test(line)),
        line,
      ).toBe(true)
    for (const line of ['new Date(time)', 'new Date(time).toISOString()', 'performanceOf(model)'])
      expect(
        FORBIDDEN_IN_CORE.some(([, pattern]) => pattern.test(line)),
        line,
      ).toBe(false)
    expect(
      importsOf('core/a.ts', "import { x } from 'node:fs'\nexport {\n  y,\n} from '../codec/b.js'").map(
        one => one.target,
      ),
    ).toEqual([null, 'codec/b.ts'])
  })
})

it('the package exports the client only', () => {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    exports: Record<string, Record<string, string>>
  }
  expect(Object.keys(exports)).toEqual(['.'])
  expect(Object.values(exports['.']!).every(path => path.startsWith('./dist/client/index.'))).toBe(true)
})

function withoutComments(text: string): string {
  const blank = (comment: string): string => comment.replace(/[^\n]/g, ' ')
  return text
    .replace(/\/\*[\s\S]*?\*\//g, blank)
    .replace(/(^|[^:])\/\/[^\n]*/g, (all, before: string) => before + blank(all.slice(before.length)))
}
