import { defineConfig } from 'vitest/config'
import config, { longTests } from './vitest.config.ts'

const inBrowser = (path: string): boolean => path.startsWith('test/web/')

/** A browser that waits in vain says for what after 45 seconds. */
const project = (name: string, groupOrder: number, include: readonly string[]) => ({
  test: { ...config.test, name, include: [...include], exclude: [], testTimeout: 90_000, sequence: { groupOrder } },
})

/**
 * The tests that `npm test` has no time for. Those in a browser come by themselves: one whose machine gets or loses a network, as it
 * does with containers, gives up what it is loading (ERR_NETWORK_CHANGED).
 */
export default defineConfig({
  test: {
    projects: [
      project(
        'long',
        0,
        longTests.filter((path) => !inBrowser(path)),
      ),
      project('browser', 1, longTests.filter(inBrowser)),
    ],
  },
})
