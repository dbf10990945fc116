import { defineConfig } from 'vitest/config'
export default defineConfig({ test: { include: ['test/integration/security/*.test.ts'], testTimeout: 100_000, hookTimeout: 60_000 } })
