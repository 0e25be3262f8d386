import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** What kills hosts, hangs engines, fills disks and builds images and stacks takes minutes: a run of its own. */
export const longTests = [
  'test/bad-world/**/*.test.ts',
  'test/bench/change.test.ts',
  'test/cloud/router-image.test.ts',
  'test/e2e/{archiving-killed,crowd,torture}.test.ts',
  'test/lib/synth.test.ts',
]

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/aws/**', 'test/stripe/**', ...longTests],
    // One would be left to itself on two cores, and most tests wait for other processes half of their time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
