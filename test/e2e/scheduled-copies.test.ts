import { mkdir, mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { call } from './call.ts'
import { clockOf, turnClock } from './turned-clock.ts'
import { createSite, getSite, poolIsFull, readEntries, signIn, writeEntry } from './visitor.ts'

interface Copies {
  readonly archives: readonly {
    readonly kind: string
    readonly at: string
    readonly pausedMilliseconds: number | null
  }[]
  readonly schedule: { readonly everyHours: number; readonly nextAt: string | null }
}

test('a site is copied by the schedule of its plan, and restored in another cell', async () => {
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'sitewright-copies-e2e-'))
  const [fast, home] = [join(temporary.path, 'fast'), join(temporary.path, 'home')]
  await mkdir(fast)
  const program = 'test/e2e/host-with-copies.mjs'
  const start = (cell: string) => {
    const env = { SITEWRIGHT_POOL_SIZE: '2', SITEWRIGHT_LOG: 'warn', SITEWRIGHT_CELLS: cell }
    return startHost({ home, program, env })
  }
  const first = await start(`fast=${fast}`)
  await poolIsFull(first)
  const operator = async (host: { readonly port: number }, path: string) => {
    const body = { email: 'grace@example.com', role: 'support' }
    const { token } = (await call<{ token: string }>(host, { method: 'POST', path: '/_local/operators', body })).json
    const answer = await call<Record<string, unknown>>(host, { path, headers: { authorization: `Bearer ${token}` } })
    return answer.json
  }
  const cellOf = async (host: { readonly port: number }, id: string) =>
    (await operator(host, `/v1/operator/sites/${id}`))['cell']

  const make = async (slug: string) => {
    const owner = await signIn(first, `${slug}@example.com`)
    const { id } = (await createSite(first, owner, { slug })).json
    return { id, slug, owner, cell: await cellOf(first, id) }
  }
  // Either cell may have the next site of the pool, and the one after it has the more room.
  let there = await make('ada')
  for (const name of ['bea', 'cleo', 'dora']) if (there.cell !== 'fast') there = await make(name)
  expect(there.cell).toBe('fast')
  const { id, slug, owner } = there
  expect((await writeEntry(first, slug, 'kept')).status).toBe(201)

  // The router says later that the site was used. Said during the first night, it would be a use since that copy.
  const written = await clockOf(first)
  const lastUse = async () => {
    const { json } = await call<{ lastUsedAt: string }>(first, { path: `/v1/sites/${id}/usage`, headers: owner.bearer })
    return json.lastUsedAt
  }
  await waitFor(async () => (await lastUse()) >= written)
  // The second night is skipped, because nobody used it.
  expect((await turnClock(first, 'P2D')).status).toBe(200)
  const copies = await call<Copies>(first, { path: `/v1/sites/${id}/archives`, headers: owner.bearer })
  expect(copies.json).toMatchObject({
    archives: [{ kind: 'schedule', at: expect.stringContaining('T03:'), pausedMilliseconds: expect.any(Number) }],
    schedule: { everyHours: 24, nextAt: expect.stringContaining('T03:00:00.000Z') },
  })
  const history = JSON.stringify(await operator(first, `/v1/operator/sites/${id}/timeline`))
  expect(history).toContain('Copied on schedule')
  expect(history).toContain('Scheduled copy skipped: unused')
  expect(await readEntries(first, slug)).toEqual(['kept'])

  expect((await turnClock(first, 'P40D')).status).toBe(200)
  expect((await getSite(first, owner, id)).status).toBe('archived')
  await first.kill()

  // By now its cell is for named sites.
  await using second = await start(`fast=${fast}:named`)
  expect((await call(second, { method: 'POST', path: `/v1/sites/${id}/resume`, headers: owner.bearer })).status).toBe(
    202,
  )
  await waitFor(async () => (await getSite(second, owner, id)).status === 'active')
  expect(await cellOf(second, id)).toBe('local')
  expect(await readEntries(second, slug)).toEqual(['kept'])
})
