import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          testTimeout: 30_000,
          setupFiles: ['test/seed.ts'],
          exclude: ['test/integration/**', 'test/terminal/**', 'test/faults/**'],
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/embedded.test.ts'],
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/faults/processes.test.ts'],
          globalSetup: ['test/services/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          // After the unit tests, which take both cores; most of these wait.
          maxWorkers: 2,
          // Brokers, disks and timeouts of a busy machine are not ours: once more, and the report says `retry x1`. Unit and fault tests get no second try.
          retry: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'terminal',
          include: ['test/terminal/**/*.test.ts'],
          testTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
