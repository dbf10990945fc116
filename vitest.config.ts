import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take long on their own, the longest first: begun last, one of them would be waited for while the other cores are idle. */
const LONGEST = [
  ...['taxi', 'housing', 'security', 'faults', 'checkpoints', 'demo', 'line', 'kafka-faults', 'processes'],
  ...['operations', 'answers', 'gaps', 'subscribe', 'restart', 'producer'],
  ...['crashes', 'run', 'embedded', 'time-model', 'memory', 'parity', 'monitors'],
]

// The services that tests start live for seconds to minutes: what Java compiles twice has not paid by then.
process.env['JAVA_TOOL_OPTIONS'] ??= '-XX:TieredStopAtLevel=1'

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = LONGEST.indexOf(basename(moduleId, '.test.ts'))
      return found < 0 ? LONGEST.length : found
    }
    return (await super.sort(files)).sort((a, b) => place(a) - place(b))
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // Vitest would leave one core idle: of two, one.
    maxWorkers: availableParallelism(),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          testTimeout: 30_000,
          setupFiles: ['test/seed.ts'],
          exclude: ['test/integration/**', 'test/terminal/**', 'test/faults/**'],
          // Modules remember nothing outside of their objects: files share a process, and what it has loaded and compiled.
          isolate: false,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/{embedded,mutations}.test.ts'],
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/faults/processes.test.ts', 'test/terminal/**/*.test.ts'],
          globalSetup: ['test/services/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          // Of two cores: most of these wait.
          maxWorkers: 3,
          // Brokers, disks and timeouts of a busy machine are not ours: once more, and the report says `retry x1`. Unit and fault tests get no second try.
          retry: 1,
          isolate: false,
          // After the unit tests, which take all cores.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
