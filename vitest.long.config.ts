import { defineConfig } from 'vitest/config'
import config, { longTests } from './vitest.config.ts'

/** The tests that `npm test` has no time for. */
export default defineConfig({ test: { ...config.test, include: longTests, exclude: [] } })
