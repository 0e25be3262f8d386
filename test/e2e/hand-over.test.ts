import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { writeProduct } from './blueprints.ts'
import { call } from './call.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { createSite, getSite, poolIsFull, type SiteBody, signIn } from './visitor.ts'

vi.setConfig({ testTimeout: 600_000 })

interface Owner {
  readonly key: string
  readonly email: string
  readonly siteUrl: string
  readonly password: string
}

type Handed = SiteBody & { readonly handOver: { status: string } | null }

test.each([
  ['from the pool', {}, 'claimed'],
  ['that starts with its owner', { SITE: '${SITE_URL}' }, 'claimed'],
  ['that only its owner enters', {}, 'owner'],
] as const)('a site %s opens once its product knows its owner', async (_, environment, access) => {
  await using blueprints = await temporaryDirectory()
  const agrees = join(blueprints.path, 'agrees')
  await writeProduct(blueprints.path, { access, environment, agrees })
  await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1', SITEWRIGHT_BLUEPRINTS: blueprints.path } })
  await poolIsFull(host)
  const person = await signIn(host, 'ada@example.com')
  const { id } = (await createSite(host, person, { slug: 'acme' })).json
  const at = 'acme.localhost'

  const problem = access === 'owner' ? 'site-private' : 'site-not-open'
  const closed = await waitFor(async () => {
    const answer = await call(host, { at, path: '/' })
    expect(answer.status).not.toBe(200)
    return answer.status === 403 && answer
  })
  expect(closed.json).toMatchObject({ type: `urn:sitewright:problem:${problem}` })
  expect((await call(host, { at, path: '/hook', method: 'POST', body: {} })).status).toBe(403)
  expect(((await getSite(host, person, id)) as Handed).handOver).toMatchObject({ status: 'pending' })

  await waitFor(async () => existsSync(`${agrees}-was-asked`))
  await writeFile(agrees, '')
  const site = await waitFor(async () => {
    const found = (await getSite(host, person, id)) as Handed
    return found.handOver?.status === 'done' && found
  })
  expect(site.status).toBe('active')

  const entrance = await call<{ url: string }>(host, {
    method: 'POST',
    path: `/v1/sites/${id}/entrance`,
    headers: person.bearer,
  })
  const entered = await call(host, { at, path: new URL(entrance.json.url).pathname })
  const cookie = entered.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  const inside = await call<{ viewer: boolean; owners: Owner[] }>(host, { at, path: '/', headers: { cookie } })
  expect(inside.json.viewer).toBe(true)
  const [first, ...others] = inside.json.owners
  expect(others.length).toBeGreaterThan(0)
  for (const other of others) expect(other).toEqual(first)
  expect(first).toMatchObject({
    key: `handover-${id}`,
    email: 'ada@example.com',
    siteUrl: `http://${at}:${host.port}`,
    password: expect.stringMatching(/^[\w-]{43}$/),
  })

  await waitFor(async () => {
    const answer = await call(host, { at, path: '/' })
    return answer.status === (access === 'owner' ? 403 : 200)
  })

  const reveal = () =>
    call<{ credentials: object[] }>(host, {
      method: 'POST',
      path: `/v1/sites/${id}/credentials`,
      headers: person.bearer,
    })
  expect((await reveal()).json.credentials).toEqual([
    { label: 'First password', user: 'ada@example.com', value: first?.password },
  ])
  expect((await reveal()).status).toBe(409)
})

test('a site opens once the command that makes its administrator succeeded, and the owner tries again', async () => {
  await using blueprints = await temporaryDirectory()
  const agrees = join(blueprints.path, 'agrees')
  // Nothing else has the data meanwhile: the product that was there has to be gone.
  const script = `
    const isAgreed = fs.existsSync('${agrees}')
    console.log(process.env.ADMIN, isAgreed ? 'is made' : 'is refused')
    fs.appendFileSync('${agrees}-was-asked', JSON.stringify([process.env.ADMIN, process.env.PASSWORD]) + '\\n')
    process.exit(isAgreed ? 0 : 5)`
  const task = {
    command: ['node', '-e', script],
    environment: { ADMIN: '${OWNER_EMAIL}', PASSWORD: '${ONE_TIME_PASSWORD}' },
  }
  await writeProduct(blueprints.path, { agrees, task })
  await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1', SITEWRIGHT_BLUEPRINTS: blueprints.path } })
  await poolIsFull(host)
  const person = await signIn(host, 'ada@example.com')
  const { id } = (await createSite(host, person, { slug: 'acme' })).json
  const isHandedOver = (status: string) =>
    waitFor(async () => {
      const found = (await getSite(host, person, id)) as SiteBody & {
        handOver: { status: string; reason: string } | null
      }
      return found.handOver?.status === status && found.handOver
    })
  const { reason } = await isHandedOver('failed')
  expect(reason).toBe('The command that makes the administrator ended with exit code 5. Its last output: … is refused')
  await waitFor(async () => (await call(host, { at: 'acme.localhost', path: '/' })).status === 403)

  await writeFile(agrees, '')
  const retry = { method: 'POST', path: `/v1/sites/${id}/hand-over`, headers: person.bearer } as const
  expect((await call(host, retry)).status).toBe(202)
  await isHandedOver('done')
  await waitFor(async () => (await call(host, { at: 'acme.localhost', path: '/' })).status === 200)
  const asked = (await readFile(`${agrees}-was-asked`, 'utf8')).trim().split('\n')
  expect(asked).toHaveLength(2)
  expect(new Set(asked)).toEqual(new Set([`["ada@example.com","${JSON.parse(asked[0] ?? '[]')[1]}"]`]))
})
