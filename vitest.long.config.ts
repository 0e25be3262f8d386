import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import config, { longBrowserTests, longTests, workers } from './vitest.config.ts'

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

/** Without a cache of durations Vitest begins with the largest files, and a worker would end minutes after the others. */
class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isSlow = ({ moduleId }: TestSpecification) => slowest.some((name) => moduleId.endsWith(`/${name}.test.ts`))
    const sorted = await super.sort(files)
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))]
  }
}

/**
 * The tests that are too slow for `npm test`. Browser tests run separately: when containers add or remove a network, a browser
 * aborts its requests (ERR_NETWORK_CHANGED).
 */
export default defineConfig({
  test: {
    sequence: { sequencer: SlowestFirst },
    projects: [
      // Most of them wait for hosts and engines most of the time.
      project('long', 0, workers + 2, longTests),
      project('browser', 1, workers, longBrowserTests),
    ],
  },
})
