import { mkdir, mkdtempDisposable, readdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { homeNamed } from '../../core/site/location.ts'
import { markerName } from '../../local/cells/cell-disks.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { call } from './call.ts'
import { createSite, poolIsFull, readEntries, signIn, writeEntry } from './visitor.ts'

const sitesIn = async (data: string) => (await readdir(data)).flatMap((name) => homeNamed(name, 'any')?.siteId ?? [])

const problemOf = async (host: { readonly port: number }, slug: string) => {
  const { status, json } = await call<{ type?: string }>(host, {
    path: '/',
    at: `${slug}.localhost`,
    headers: { accept: 'application/json' },
  })
  return `${status} ${json?.type ?? ''}`
}

test('sites of a disk that is not mounted show a page and stay as they are, while others run', {
  timeout: 90_000,
}, async () => {
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'sitewright-cells-e2e-'))
  const [fast, aside] = [join(temporary.path, 'fast'), join(temporary.path, 'aside')]
  await mkdir(fast)
  const env = { SITEWRIGHT_POOL_SIZE: '2', SITEWRIGHT_LOG: 'warn', SITEWRIGHT_CELLS: `fast=${fast}` }
  await using host = await startHost({ env })
  await poolIsFull(host)
  // Both cells get sites: the one with more room is next.
  const owners = await Promise.all(['ada', 'bea'].map((name) => signIn(host, `${name}@example.com`)))
  const slugs = new Map<string, string>()
  for (const [index, slug] of ['ada', 'bea'].entries()) {
    slugs.set((await createSite(host, owners[index]!, { slug })).json.id, slug)
    expect((await writeEntry(host, slug, `of ${slug}`)).status).toBe(201)
  }
  const slugIn = async (data: string) => (await sitesIn(data)).flatMap((id) => slugs.get(id) ?? [])
  const [there, ...others] = await slugIn(join(fast, 'data'))
  const [own] = await slugIn(join(host.home, 'data'))
  expect([others, there, own]).toEqual([[], expect.any(String), expect.any(String)])
  if (there === undefined || own === undefined) throw new Error('each cell has one')

  await rename(fast, aside)
  await mkdir(fast)
  await waitFor(async () => (await problemOf(host, there)) === '503 urn:sitewright:problem:disk-away')
  expect(await readEntries(host, own)).toEqual([`of ${own}`])
  expect(host.output()).toContain('cell-not-mounted')
  const cells = async () => {
    const body = { email: 'grace@example.com', role: 'support' }
    const { token } = (await call<{ token: string }>(host, { method: 'POST', path: '/_local/operators', body })).json
    const headers = { authorization: `Bearer ${token}` }
    const answer = await call<{ cells: object[] }>(host, { path: '/v1/operator/cells', headers })
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.json) + host.output())
    return answer.json.cells
  }
  expect(await cells()).toMatchObject([
    { name: 'local', isMounted: true },
    { name: 'fast', isMounted: false, room: 0 },
  ])
  // Nothing was made in its place.
  expect(await readdir(fast)).toEqual([])
  expect(JSON.parse(await readFile(join(aside, markerName), 'utf8'))).toMatchObject({ cell: 'fast' })

  await rm(fast, { recursive: true })
  await rename(aside, fast)
  await waitFor(async () => (await problemOf(host, there)).startsWith('200'))
  expect(await readEntries(host, there)).toEqual([`of ${there}`])
  expect((await writeEntry(host, there, 'again')).status).toBe(201)
  expect(await cells()).toMatchObject([{ name: 'local' }, { name: 'fast', isMounted: true }])
})

test('an operator relocates a site to another cell with its data, and not where it cannot go', {
  timeout: 90_000,
}, async () => {
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'sitewright-cells-e2e-'))
  const fast = join(temporary.path, 'fast')
  await mkdir(fast)
  const env = { SITEWRIGHT_POOL_SIZE: '1', SITEWRIGHT_LOG: 'warn', SITEWRIGHT_CELLS: `fast=${fast}:named` }
  await using host = await startHost({ env })
  await poolIsFull(host)
  const { id } = (await createSite(host, await signIn(host, 'ada@example.com'), { slug: 'ada' })).json
  expect((await writeEntry(host, 'ada', 'before')).status).toBe(201)
  expect(await readdir(join(fast, 'data'))).toEqual([])
  const body = { email: 'grace@example.com', role: 'admin' }
  const { token } = (await call<{ token: string }>(host, { method: 'POST', path: '/_local/operators', body })).json
  const headers = { authorization: `Bearer ${token}` }
  const relocate = (cell: string) =>
    call<{ detail?: string }>(host, {
      method: 'POST',
      path: `/v1/operator/sites/${id}/relocation`,
      headers,
      body: { cell, reason: 'a faster disk' },
    })
  const refusals = [await relocate('none'), await relocate('local')]
  expect(refusals.map(({ status, json }) => [status, json.detail])).toEqual([
    [409, expect.stringContaining("no open cell 'none'")],
    [409, expect.stringContaining("in the cell 'local' already")],
  ])
  expect((await relocate('fast')).status).toBe(202)
  const site = async () =>
    (await call<{ cell: string; operation: object | null }>(host, { path: `/v1/operator/sites/${id}`, headers })).json
  await waitFor(async () => {
    const { cell, operation } = await site()
    return cell === 'fast' && operation === null
  })
  expect(await readEntries(host, 'ada')).toEqual(['before'])
  expect((await writeEntry(host, 'ada', 'after')).status).toBe(201)
  expect(await readdir(join(fast, 'data'))).toEqual([`${id}.2`])
  // The former directory stays until cleanup removes it.
  expect(await readdir(join(host.home, 'data'))).toContain(id)
})
