import { expect, test, vi } from 'vitest'
import { canTestSites, testEngine } from '../support/container-engine.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { createSite, getSite, poolIsFull, readEntries, signIn, writeEntry } from './visitor.ts'

// Three hosts start one after the other, beside other tests.
vi.setConfig({ testTimeout: 600_000 })

const hasEngine = await canTestSites(await testEngine())

test.skipIf(!hasEngine)(
  'a home keeps its sites and their data where the runtime changes, and changes back',
  async () => {
    await using home = await temporaryDirectory()
    const start = (runtime: string, port?: number) =>
      startHost({
        home: home.path,
        ...(port === undefined ? {} : { port }),
        env: { SITEWRIGHT_RUNTIME: runtime, SITEWRIGHT_POOL_SIZE: '1' },
      })
    const written: string[] = []
    let port: number | undefined
    let ada: Awaited<ReturnType<typeof signIn>> | undefined
    for (const runtime of ['processes', 'containers', 'processes']) {
      await using host = await start(runtime, port)
      if (ada === undefined) {
        await poolIsFull(host)
        ada = await signIn(host, 'ada@example.com')
        const { id } = (await createSite(host, ada, { slug: 'ada' })).json
        const owner = ada
        await waitFor(async () => (await getSite(host, owner, id)).status === 'active')
      }
      await waitFor(async () => (await writeEntry(host, 'ada', runtime)).status === 201)
      written.push(runtime)
      expect((await readEntries(host, 'ada')).toReversed()).toEqual(written)
      port = host.port
    }
  },
)
