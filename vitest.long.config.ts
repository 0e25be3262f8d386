import { defineConfig } from 'vitest/config'
import config, { longTests, workers } from './vitest.config.ts'

const inBrowser = (path: string): boolean => path.startsWith('test/web/') || path.includes('sleep-story')

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
      project(
        'long',
        0,
        // Most of them wait for hosts and engines most of the time.
        workers + 1,
        longTests.filter((path) => !inBrowser(path)),
      ),
      project('browser', 1, workers, longTests.filter(inBrowser)),
    ],
  },
})
