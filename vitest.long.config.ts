import { defineConfig } from 'vitest/config'
import config, { longBrowserTests, longTests, workers } from './vitest.config.ts'

/** A browser test that waits without success names the element after 45 seconds. */
const project = (name: string, groupOrder: number, maxWorkers: number, include: readonly string[]) => ({
  test: {
    ...config.test,
    name,
    maxWorkers,
    include: [...include],
    exclude: [],
    testTimeout: 90_000,
    sequence: { groupOrder },
  },
})

/**
 * The tests that are too slow for `npm test`. Browser tests run separately: when containers add or remove a network, a browser
 * aborts its requests (ERR_NETWORK_CHANGED).
 */
export default defineConfig({
  test: {
    projects: [
      // Most of them wait for hosts and engines most of the time.
      project('long', 0, workers + 1, longTests),
      project('browser', 1, workers, longBrowserTests),
    ],
  },
})
