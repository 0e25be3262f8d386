import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What kills hosts, hangs engines, fills disks, tells whole lives, and builds images and stacks takes minutes: a run of its own. */
export const longTests = [
  'test/abuse/host-output.test.ts',
  'test/adapters/archiver/{process-archiver,round-trip}.test.ts',
  'test/adapters/files/site-lease.test.ts',
  // The other engine stays.
  'test/adapters/dynamodb/store-on-dynamodb-local.test.ts',
  'test/adapters/runtime/{container,process}-runtime.test.ts',
  'test/bad-world/**/*.test.ts',
  'test/acceptance/story.test.ts',
  'test/bench/change.test.ts',
  'test/bin/blueprint/{causes,containers,packages,try-blueprint}.test.ts',
  'test/bin/commands-end.test.ts',
  'test/bin/sitewright/export-containers.test.ts',
  'test/cloud/router-image.test.ts',
  'test/docs/self-host.test.ts',
  'test/e2e/{archiving-killed,backup,bundle,cells,cells-page,clock,configuration,custom-domain,deployment,deployment-containers,empty-pool,enterprise-page,erasure,failed-build,fast-growth,hand-over,import,other-runtime,prices-at-start,product-story,public-host,publishing,reconcile-billing,refused-start,rehearsal,restart,roll-out,routers,scheduled-copies,teams}.test.ts',
  'test/examples/**/*.test.ts',
  'test/lib/{bundles,mutual-tls,site-helper-image,synth,watch}.test.ts',
  'test/local/engine/{confinement,start-engine}.test.ts',
  'test/simulation/mass-restart.test.ts',
  'test/sites/welcome-{player,storage}.test.ts',
]

/** Those of them that run a browser. One stays with the others. */
export const longBrowserTests = [
  'test/web/{account,buying,choosing-product,domains,ending-trial,following-page,journey,operator,operator-configuration,operator-pages,operator-reports,operator-webhooks,owner,owner-bar,owner-parts,relocation,shared-page,sign-up,site-handover,static-pages,team,way-back}.test.ts',
]

/** `npm run faults` sweeps them. */
const sweptScenarios =
  process.env['SITEWRIGHT_FAULTS'] === undefined ? ['test/faults/!(call-line|invariants).test.ts'] : []

/** One would be left to itself on two cores, and most tests wait for other processes half of their time. */
export const workers = Math.max(2, availableParallelism() - 1)

/** Without a cache of durations Vitest begins with the largest files, and a worker would end long after the others. @param slowest names of files. */
export const beginWith = (slowest: readonly string[]) =>
  class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      const isSlow = ({ moduleId }: TestSpecification) => slowest.some((name) => moduleId.endsWith(`/${name}.test.ts`))
      const sorted = await super.sort(files)
      return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))]
    }
  }

const slowest = [
  ...['store-on-dynoxide', 'hostile-site', 'access-table', 'demo', 'edge', 'bad-input', 'front', 'damaged'],
  // Of the sweeps, one waits for a minute.
  ...['faults/trial-end', 'sitewright/deploy', 'adapters/stripe/pace', 'welcome-courses', 'e2e/sign-up'],
  ...['blueprint/command', 'sitewright/program', 'sitewright/dev', 'e2e/readme', 'bin/start', 'kept-life'],
]

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/aws/**', 'test/deploy/**', 'test/stripe/**', ...sweptScenarios, ...longTests, ...longBrowserTests],
    env: {
      // Hosts that tests start need half of the time to load.
      NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/node', import.meta.url)),
      // `npm run synth` validates what ships, and `.ci/nightly` the templates of tests.
      CDK_VALIDATION: process.env['CDK_VALIDATION'] ?? 'false',
    },
    sequence: { sequencer: beginWith(slowest) },
    setupFiles: ['test/support/expect-no-page-errors.ts'],
    globalSetup: ['test/support/shared-engine.ts', 'test/lib/support/shared-synthesis.ts'],
    // Tests often wait for other processes, and one more worker uses that time.
    maxWorkers: workers + 1,
    // Tests make much garbage: a larger young generation saves a twentieth of the processor time.
    execArgv: ['--max-semi-space-size=64'],
    // Files share a worker's modules, which halves the time: a test must undo what it changes in its process.
    isolate: false,
    // No test depends on the speed of the machine, which may do much else; what a test waits for has limits of its own.
    testTimeout: 600_000,
    // The default is one second.
    expect: { poll: { timeout: 240_000 } },
    // A synthesis takes a quarter of a minute alone, and much longer beside other work.
    hookTimeout: 600_000,
  },
})
