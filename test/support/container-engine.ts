import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { connectEngine, type Engine } from '../../adapters/containers/engine.ts'
import { traitsOf } from '../../adapters/containers/site-network.ts'
import { importNodeImage } from '../../tools/import-node-image.ts'
import { canTest } from './can-test.ts'
import { probeFiles, probeImage } from './probe-launch.ts'

const isRequired = process.env['CI'] === 'true' || process.env['SITEWRIGHT_TEST_ENGINE'] === 'required'

/** For each call: an engine that removes other tests' networks, on a busy machine, has taken more than half a minute to list them. */
const patienceMilliseconds = 300_000

const namedEngine = async (): Promise<Engine | undefined> => {
  if (!process.env['DOCKER_HOST']) return undefined
  const engine = await connectEngine(undefined, patienceMilliseconds)
  return engine.calls.ping().then(
    () => engine,
    () => undefined,
  )
}

/**
 * The container engine for tests: the one that `DOCKER_HOST` names, so that no private engine is touched unasked. Without
 * it the tests that need one are skipped; with `CI=true` or `SITEWRIGHT_TEST_ENGINE=required` they fail.
 */
export const testEngine = async (): Promise<Engine | undefined> => {
  const engine = await namedEngine()
  if (engine !== undefined) return engine
  canTest(
    false,
    'containers are not tested, there is no engine: run `eval "export $(.ci/container-engine start)"` first',
    { isRequired },
  )
  return undefined
}

/** Whether the engine runs sites without outbound, as most blueprints of tests are. */
export const canTestSites = async (engine: Engine | undefined): Promise<boolean> =>
  engine !== undefined &&
  canTest(
    typeof (await traitsOf(engine)).reach.none === 'string',
    `sites in containers are not tested: the engine at ${engine.address} is rootless or on another machine`,
    { isRequired },
  )

/** Whether the engine and this host keep sites apart as CI tests it. */
export const canTestNetworks = async (engine: Engine | undefined): Promise<boolean> =>
  engine !== undefined &&
  canTest(
    (await traitsOf(engine)).reach.internet === 'direct',
    'the networks of sites are not tested: that needs Podman as root on this machine, root, and iptables',
    { isRequired },
  )

/** Makes the probe site's image of this machine's Node, without a registry, unless it is there. */
export const importProbeImage = async (engine: Engine): Promise<void> => {
  const isThere = await engine.calls
    .getImage(probeImage)
    .inspect()
    .then(
      () => true,
      () => false,
    )
  if (isThere) return
  const app = await mkdtemp(join(tmpdir(), 'sitewright-probe-'))
  try {
    for (const file of probeFiles) await cp(file, join(app, basename(file)))
    await importNodeImage(engine.streams, { tag: probeImage, app, command: ['node', '/app/probe-site.mjs'] })
  } finally {
    await rm(app, { recursive: true, force: true })
  }
}
