import { defineConfig } from 'vitest/config'
import config, { longTests } from './vitest.config.ts'

/** The tests that `npm test` has no time for. A browser that waits in vain says for what after half a minute. */
export default defineConfig({ test: { ...config.test, include: longTests, exclude: [], testTimeout: 90_000 } })
