import { mkdir, mkdtempDisposable, readdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { homeNamed } from '../../core/site/location.ts'
import { markerName, readKnownCells } from '../../local/cells/cell-disks.ts'
import { cellsOfHost, problemOf } from '../support/cells-of-host.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { call } from './call.ts'
import { createSite, poolIsFull, readEntries, signIn, writeEntry } from './visitor.ts'

const sitesIn = async (data: string) => (await readdir(data)).flatMap((name) => homeNamed(name, 'any')?.siteId ?? [])

test('sites of a disk that is not mounted show a page and stay as they are, while others run', async () => {
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

test('an operator relocates a site to another cell with its data, and not where it cannot go', async () => {
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'sitewright-cells-e2e-'))
  const fast = join(temporary.path, 'fast')
  await mkdir(fast)
  const env = { SITEWRIGHT_POOL_SIZE: '1', SITEWRIGHT_LOG: 'warn', SITEWRIGHT_CELLS: `fast=${fast}:named` }
  await using host = await startHost({ env })
  await poolIsFull(host)
  const { id } = (await createSite(host, await signIn(host, 'ada@example.com'), { slug: 'ada' })).json
  expect((await writeEntry(host, 'ada', 'before')).status).toBe(201)
  expect(await readdir(join(fast, 'data'))).toEqual([])
  const cells = await cellsOfHost(host)
  const relocate = (cell: string) => cells.act(`sites/${id}/relocation`, { cell, reason: 'a faster disk' })
  const refusals = [await relocate('none'), await relocate('local')]
  expect(refusals.map(({ status, json }) => [status, json.detail])).toEqual([
    [409, expect.stringContaining("no open cell 'none'")],
    [409, expect.stringContaining("in the cell 'local' already")],
  ])
  expect((await relocate('fast')).status).toBe(202)
  await waitFor(async () => {
    const { cell, operation } = await cells.siteOf(id)
    return cell === 'fast' && operation === null
  })
  expect(await readEntries(host, 'ada')).toEqual(['before'])
  expect((await writeEntry(host, 'ada', 'after')).status).toBe(201)
  expect(await readdir(join(fast, 'data'))).toEqual([`${id}.2`])
  // The former directory stays until cleanup removes it.
  expect(await readdir(join(host.home, 'data'))).toContain(id)
})

test('a cell that is no longer set is forgotten once its site has left it, and its name takes another disk', async () => {
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'sitewright-cells-e2e-'))
  const [home, fast] = [join(temporary.path, 'home'), join(temporary.path, 'fast')]
  await mkdir(fast)
  const start = (cells: Readonly<Record<string, string>>) =>
    startHost({ home, env: { SITEWRIGHT_POOL_SIZE: '1', SITEWRIGHT_LOG: 'info', ...cells } })
  const named = { SITEWRIGHT_CELLS: `fast=${fast}:named` }
  const relocate = async (host: Awaited<ReturnType<typeof start>>, id: string, cell: string) => {
    const cells = await cellsOfHost(host)
    expect((await cells.act(`sites/${id}/relocation`, { cell, reason: 'a disk is replaced' })).status).toBe(202)
    await waitFor(async () => {
      const site = await cells.siteOf(id)
      return site.cell === cell && site.operation === null
    })
  }
  let id = ''
  {
    await using host = await start(named)
    await poolIsFull(host)
    id = (await createSite(host, await signIn(host, 'ada@example.com'), { slug: 'ada' })).json.id
    await relocate(host, id, 'fast')
  }
  {
    await using host = await start({})
    expect(host.output()).toContain('cell-not-mounted')
    expect(await readKnownCells(home)).toEqual([{ name: 'fast', directory: fast }])
  }
  {
    await using host = await start(named)
    await relocate(host, id, 'local')
  }
  await rm(fast, { recursive: true })
  {
    await using host = await start({})
    expect(await readKnownCells(home)).toEqual([])
    expect(host.output()).not.toContain('cell-not-mounted')
    await waitFor(async () => (await problemOf(host, 'ada')).startsWith('200'))
  }
  await mkdir(fast)
  await using _ = await start(named)
  expect(await readdir(fast)).toContain(markerName)
})

test('a cell is drained under load; another is lost, its sites are restored, and it returns', async () => {
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'sitewright-cells-e2e-'))
  const [fast, aside] = [join(temporary.path, 'fast'), join(temporary.path, 'aside')]
  await mkdir(fast)
  const env = { SITEWRIGHT_POOL_SIZE: '2', SITEWRIGHT_LOG: 'warn', SITEWRIGHT_CELLS: `fast=${fast}` }
  await using host = await startHost({ env })
  await poolIsFull(host)
  const cells = await cellsOfHost(host)
  const { act } = cells
  const rollout = () => cells.rolloutOf('fast')
  const closureOf = () => cells.stateOf('fast')
  const ids = new Map<string, string>()
  for (const slug of ['ada', 'bea', 'cyd', 'dan']) {
    const owner = await signIn(host, `${slug}@example.com`)
    ids.set(slug, (await createSite(host, owner, { slug })).json.id)
    expect((await writeEntry(host, slug, `of ${slug}`)).status).toBe(201)
    await poolIsFull(host)
  }
  const slugsIn = async (cell: string) => {
    const found: string[] = []
    for (const [slug, id] of ids) if ((await cells.siteOf(id)).cell === cell) found.push(slug)
    return found
  }
  const [moving] = await slugsIn('fast')
  if (moving === undefined) throw new Error('the cell has a site')

  // Under load: each write that was acknowledged is there afterwards.
  const written: string[] = [`of ${moving}`]
  let isDrained = false
  const load = (async () => {
    for (let index = 0; !isDrained; index += 1) {
      if ((await writeEntry(host, moving, `load ${index}`)).status === 201) written.push(`load ${index}`)
      await pause(300)
    }
  })()
  expect((await act('cells/none/drain')).status).toBe(404)
  expect((await act('cells/fast/drain')).status).toBe(202)
  await waitFor(async () => (await rollout())?.state === 'finished')
  isDrained = true
  await load
  expect(await slugsIn('fast')).toEqual([])
  expect(await closureOf()).toBe('empty')
  // The product lists the newest.
  const read = await readEntries(host, moving)
  expect(read.toSorted()).toEqual(written.slice(-read.length).toSorted())
  await waitFor(async () => (await sitesIn(join(fast, 'data'))).length <= 4)

  // Open again: a site that has an archive goes there, and a new one that has none.
  expect((await act('rollouts/cell:fast/abort')).status).toBe(200)
  expect(await closureOf()).toBe('open')
  const saved = 'ada'
  expect((await act(`sites/${ids.get(saved)}/relocation`, { cell: 'fast' })).status).toBe(202)
  await waitFor(async () => (await slugsIn('fast')).includes(saved))
  await waitFor(async () => (await writeEntry(host, saved, 'after its last copy')).status === 201)
  for (const slug of ['eve', 'fay', 'gus', 'hal']) {
    if ((await slugsIn('fast')).length > 1) break
    const owner = await signIn(host, `${slug}@example.com`)
    ids.set(slug, (await createSite(host, owner, { slug })).json.id)
    expect((await writeEntry(host, slug, `of ${slug}`)).status).toBe(201)
    await poolIsFull(host)
  }
  const [unsaved] = (await slugsIn('fast')).filter((slug) => slug !== saved)
  if (unsaved === undefined) throw new Error('a new site is in the cell')

  await rename(fast, aside)
  await waitFor(async () => (await problemOf(host, unsaved)) === '503 urn:sitewright:problem:disk-away')
  expect((await act('cells/fast/drain')).status).toBe(409)
  expect((await act('cells/fast/loss')).json.state).toBe('requested')
  expect((await act('cells/fast/loss')).status).toBe(409)
  expect(await closureOf()).toBe('open')
  expect((await cells.confirm('cells/fast/loss')).json.state).toBe('running')
  await waitFor(async () => (await rollout())?.state === 'finished')
  expect(await rollout()).toMatchObject({
    held: [{ siteId: ids.get(unsaved), because: 'no-archive' }],
    restored: [{ siteId: ids.get(saved), archiveAt: expect.any(String) }],
  })
  expect(await closureOf()).toBe('closed')
  expect(await slugsIn('fast')).toEqual([unsaved])
  const restored = await readEntries(host, saved)
  expect(restored).toContain(`of ${saved}`)
  expect(restored).not.toContain('after its last copy')
  expect((await writeEntry(host, saved, 'after the loss')).status).toBe(201)
  expect(await problemOf(host, unsaved)).toBe('503 urn:sitewright:problem:disk-away')

  await rename(aside, fast)
  await waitFor(async () => (await problemOf(host, unsaved)).startsWith('200'))
  expect(await readEntries(host, unsaved)).toEqual([`of ${unsaved}`])
  expect(await readEntries(host, saved)).toEqual(['after the loss', ...restored])
})
