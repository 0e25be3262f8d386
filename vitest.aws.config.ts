import { defineConfig } from 'vitest/config'
import { beginWith, workers } from './vitest.config.ts'

/** The adapters for AWS against the emulator at `AWS_ENDPOINT_URL`. Most of them wait for it, and for tasks that start. */
export default defineConfig({
  test: {
    include: ['test/aws/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    maxWorkers: workers,
    sequence: { sequencer: beginWith(['e2e/own-software', 'e2e/ending']) },
  },
})
