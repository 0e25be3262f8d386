import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { parse } from 'yaml'
import type { Engine } from '../../adapters/containers/engine.ts'
import { type Call, call } from '../e2e/call.ts'
import { rollOut, statusOf } from '../e2e/operating.ts'
import { temporaryDirectory } from '../e2e/temporary-directory.ts'
import { turnClock } from '../e2e/turned-clock.ts'
import { createSite, getSite, poolIsFull, signIn } from '../e2e/visitor.ts'
import { canTest } from '../support/can-test.ts'
import { canTestSites, testEngine } from '../support/container-engine.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))

interface File {
  readonly version: number
  readonly containers: readonly { readonly image: string; readonly build?: object }[]
  readonly release?: object
}

/** The images of the version before, by those of an example's file. */
type Former = Readonly<Record<string, string>>

const readExample = async (product: string): Promise<File> =>
  parse(await readFile(join(repository, 'blueprints/examples', product, `${product}.yaml`), 'utf8'))

/** The engine, if it has the images of an example and of its version before. */
export const engineWith = async (product: string, former: Former): Promise<Engine | undefined> => {
  const engine = await testEngine()
  if (engine === undefined || !(await canTestSites(engine))) return undefined
  const images = [...(await readExample(product)).containers.map(({ image }) => image), ...Object.values(former)]
  const found = await Promise.allSettled(images.map((image) => engine.calls.getImage(image).inspect()))
  const areThere = found.every(({ status }) => status === 'fulfilled')
  const missing = `the example ${product} is not tested, its images are missing: run .ci/example-images first`
  return canTest(areThere, missing) ? engine : undefined
}

/** Starts a host that offers the version before of an example, and a site that its owner has claimed. */
export const startExample = async (product: string, former: Former) => {
  await using stack = new AsyncDisposableStack()
  const blueprints = stack.use(await temporaryDirectory())
  const file = join(blueprints.path, 'welcome.json')
  const current = await readExample(product)
  const write = ({ version, imageOf }: { version: number; imageOf: (image: string) => string }) => {
    const containers = current.containers.map(({ build: _, ...rest }) => ({ ...rest, image: imageOf(rest.image) }))
    const release = { ...current.release, bakeSeconds: 0 }
    return writeFile(file, JSON.stringify({ ...current, name: 'welcome', version, containers, release }))
  }
  await write({ version: current.version - 1, imageOf: (image) => former[image] ?? image })
  const env = { SITEWRIGHT_RUNTIME: 'containers', SITEWRIGHT_POOL_SIZE: '1', SITEWRIGHT_BLUEPRINTS: blueprints.path }
  const host = stack.use(await startHost({ env }))
  await poolIsFull(host)
  const ada = await signIn(host, 'ada@example.com')
  const { id } = (await createSite(host, ada, { slug: 'acme' })).json
  const isActive = () => waitFor(async () => (await getSite(host, ada, id)).status === 'active')
  await isActive()
  const revealed = { method: 'POST', path: `/v1/sites/${id}/credentials`, headers: ada.bearer }
  const { credentials } = (await call<{ credentials: { user: string; value: string }[] }>(host, revealed)).json
  const ending = stack.move()
  return {
    id,
    host,
    credentials,
    /** What a visitor gets from the site. */
    ask: <Body>(one: Call) => call<Body>(host, { at: 'acme.localhost', ...one }),
    /** Its trial ends, its data is copied and deleted, and its owner has it back. */
    archiveAndRestore: async () => {
      await turnClock(host, 'P15D')
      await turnClock(host, 'P20D')
      expect((await getSite(host, ada, id)).status).toBe('archived')
      await call(host, { method: 'POST', path: `/v1/sites/${id}/resume`, headers: ada.bearer })
      await isActive()
    },
    /** Publishes the current version, and rolls it out. */
    upgrade: async () => {
      await write({ version: current.version, imageOf: (image) => image })
      const publish = ['bin/publish.ts', '--url', host.url, file]
      await promisify(execFile)(process.execPath, publish, { cwd: repository })
      await waitFor(async () => (await statusOf(host))?.current === current.version)
      expect((await rollOut(host.url, current.version)).said).toContain(`welcome ${current.version}: finished`)
    },
    /** What its containers printed since their start, as an operator reads it. */
    output: async () => {
      const body = { email: 'grace@example.com', role: 'support' }
      const { token } = (await call<{ token: string }>(host, { method: 'POST', path: '/_local/operators', body })).json
      const headers = { authorization: `Bearer ${token}` }
      return (await call(host, { path: `/v1/operator/sites/${id}/logs`, headers })).text
    },
    [Symbol.asyncDispose]: () => ending.disposeAsync(),
  }
}
