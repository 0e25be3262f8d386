import { defineConfig } from 'vitest/config'
import config, { beginWith, longBrowserTests, longTests, workers } from './vitest.config.ts'

/** A browser test that waits without success names the element after four minutes. */
const project = (name: string, groupOrder: number, maxWorkers: number, include: readonly string[]) => ({
  test: {
    ...config.test,
    name,
    maxWorkers,
    include: [...include],
    exclude: [],
    testTimeout: 600_000,
    sequence: { groupOrder },
  },
})

const slowest = ['miniflux', 'container-runtime', 'synth', 'product-story', 'archiving-killed', 'journey']

/**
 * The tests that are too slow for `npm test`. Browser tests run separately: when containers add or remove a network, a browser
 * aborts its requests (ERR_NETWORK_CHANGED).
 */
export default defineConfig({
  test: {
    sequence: { sequencer: beginWith(slowest) },
    projects: [
      // Most of them wait for hosts and engines most of the time.
      project('long', 0, workers + 2, longTests),
      project('browser', 1, workers, longBrowserTests),
    ],
  },
})
