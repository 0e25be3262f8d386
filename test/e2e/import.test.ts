import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { canTestWith } from '../support/can-test.ts'
import { digestsBelow, openDeveloper } from '../support/developer.ts'
import { startHost } from '../support/start-host.ts'
import { call } from './call.ts'
import { temporaryDirectory } from './temporary-directory.ts'

vi.setConfig({ testTimeout: 600_000 })

const program = fileURLToPath(new URL('./exported-program.mjs', import.meta.url))

const file = {
  name: 'shop',
  title: 'Shop',
  access: 'public',
  variables: { GREETING: {} },
  containers: [
    {
      name: 'web',
      variables: ['GREETING'],
      build: { context: '.' },
      process: { command: ['node', 'exported-program.mjs'], directory: '.' },
      secrets: ['DB_PASSWORD'],
      given: ['STRIPE_KEY'],
    },
  ],
  traffic: { container: 'web', startSeconds: 10 },
  data: { mode: 'exclusive' },
  dataSecrets: ['DB_PASSWORD'],
}

type Host = Awaited<ReturnType<typeof startHost>>

const answer = async (host: Host, slug = 'shop') =>
  (await call<Record<string, unknown>>(host, { at: `${slug}.localhost`, path: '/' })).json

const sitesOf = async (host: Host, { bearer }: Awaited<ReturnType<typeof openDeveloper>>) =>
  (await call<{ sites: { id: string; slug: string }[] }>(host, { path: '/v1/sites', headers: bearer })).json.sites

test.runIf(canTestWith(['tar', 'zstd'], 'the import of sites'))(
  'an export goes to another home and back: every file of the data is the same, and nothing is doubled',
  async () => {
    await using work = await temporaryDirectory()
    const at = (name: string) => join(work.path, name)
    await copyFile(program, at('exported-program.mjs'))
    await writeFile(at('sitewright.yaml'), stringify(file))
    const env = { SITEWRIGHT_POOL_SIZE: '1', SITEWRIGHT_RUNTIME: 'processes' }
    await using first = await startHost({ env })
    await using second = await startHost({ env })
    const [here, there] = [await openDeveloper(first, work.path), await openDeveloper(second, work.path)]

    // The secret has to be there before the version is.
    expect(await here.run(['deploy'])).toMatchObject({ code: 4 })
    expect(await here.run(['secrets', 'set', 'STRIPE_KEY'], 'the key of ours\n')).toMatchObject({ code: 0 })
    expect(await here.run(['deploy'])).toMatchObject({ code: 0 })
    expect(await here.run(['vars', 'set', 'GREETING=hello'])).toMatchObject({ code: 0 })
    await call(first, { at: 'shop.localhost', method: 'POST', path: '/', body: 'written at home' })
    const wanted = { written: 'written at home', greeting: 'hello', isPayable: true }
    expect(await answer(first)).toEqual(wanted)
    const exported = at('exported')
    expect(await here.run(['export', exported, '--fresh'])).toMatchObject({ code: 0 })
    const digests = await digestsBelow(join(exported, 'data'))
    expect(Object.keys(digests)).toEqual(['/lock', '/notes/written'])

    // Whoever imports it has to say what nobody can export.
    expect(await there.run(['import', exported])).toMatchObject({
      code: 2,
      said: expect.stringContaining('STRIPE_KEY'),
    })
    const values = join(exported, '.env')
    await writeFile(values, (await readFile(values, 'utf8')).replace(/^STRIPE_KEY=$/m, "STRIPE_KEY='a key of theirs'"))
    expect(await sitesOf(second, there)).toEqual([])

    const imported = await there.run(['import', exported])
    expect(imported, imported.said).toMatchObject({ code: 0 })
    expect(await answer(second)).toEqual(wanted)
    const again = await there.run(['import', exported])
    expect(again).toMatchObject({ code: 0, said: expect.stringContaining('Nothing was changed') })
    expect(await sitesOf(second, there)).toHaveLength(1)
    expect(await there.run(['import', exported, '--site', 'third'])).toMatchObject({ code: 0 })

    const back = at('back')
    expect(await there.run(['export', back, '--fresh'])).toMatchObject({ code: 0 })
    expect(await digestsBelow(join(back, 'data'))).toEqual(digests)
    await copyFile(values, join(back, '.env'))
    const home = await here.run(['import', back, '--site', 'shop-2'])
    expect(home, home.said).toMatchObject({ code: 0 })
    expect(await answer(first, 'shop-2')).toEqual(wanted)
    expect(await answer(first)).toEqual(wanted)
    expect(await here.run(['--site', 'shop-2', 'export', at('last'), '--fresh'])).toMatchObject({ code: 0 })
    expect(await digestsBelow(join(at('last'), 'data'))).toEqual(digests)
  },
)
