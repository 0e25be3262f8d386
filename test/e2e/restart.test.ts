import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { findFreePort } from '../../local/engine/engine-place.ts'
import { spawnHost } from '../acceptance/start-host.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { writeGatedBlueprint } from './blueprints.ts'
import { call } from './call.ts'
import { endOfHost } from './end-of-host.ts'
import { ownProcesses } from './own-processes.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { createSite, getSite, mailTo, poolIsFull, readEntries, signIn, writeEntry } from './visitor.ts'

// Hosts are started again and again, beside the other tests.
vi.setConfig({ testTimeout: 600_000 })

test('a host that was killed and is started again has the same sites, data, sessions and unfinished work', async () => {
  await using home = await temporaryDirectory()
  await using blueprints = await temporaryDirectory()
  const { openGate, closeGate } = await writeGatedBlueprint(blueprints.path)
  const options = { home: home.path, env: { SITEWRIGHT_POOL_SIZE: '0', SITEWRIGHT_BLUEPRINTS: blueprints.path } }
  await openGate()
  const first = await startHost(options)
  const ada = await signIn(first, 'ada@example.com')
  const { id } = (await createSite(first, ada, { slug: 'ada' })).json
  await waitFor(async () => (await getSite(first, ada, id)).status === 'active')
  await writeEntry(first, 'ada', 'before the end')
  const site = await getSite(first, ada, id)

  await closeGate()
  const eve = await signIn(first, 'eve@example.com')
  const unfinished = (await createSite(first, eve, { slug: 'eve' })).json.id
  await waitFor(async () => (await getSite(first, eve, unfinished)).progress.percent === 50)
  await first.kill()
  expect((await ownProcesses(home.path)).sites).toHaveLength(2)

  await openGate()
  await using second = await startHost({ ...options, port: first.port })
  expect(await getSite(second, ada, id)).toEqual(site)
  expect(
    await waitFor(async () => (await readEntries(second, 'ada')).length > 0 && readEntries(second, 'ada')),
  ).toEqual(['before the end'])
  expect((await writeEntry(second, 'ada', 'after it')).status).toBe(201)

  await waitFor(async () => (await getSite(second, eve, unfinished)).status === 'active')
  expect((await writeEntry(second, 'eve', 'taken up')).status).toBe(201)
  const about = (await mailTo(second, 'eve@example.com')).filter(({ subject }) => subject.includes('your site'))
  expect(about.map(({ subject }) => subject)).toEqual(['We are building your site eve'])

  const running = await ownProcesses(home.path)
  expect(running.sites).toHaveLength(2)
  expect(running.engines).toHaveLength(1)
})

test('a host that is killed again and again never loses an entry, and leaves nothing running beside its sites', async () => {
  await using home = await temporaryDirectory()
  const options = { home: home.path, env: { SITEWRIGHT_POOL_SIZE: '1' } }
  let host = await startHost(options)
  const ada = await signIn(host, 'ada@example.com')
  await poolIsFull(host)
  expect((await createSite(host, ada, { slug: 'ada' })).status).toBe(201)
  const written: string[] = []
  for (const text of ['one', 'two', 'three']) {
    await waitFor(async () => (await writeEntry(host, 'ada', text)).status === 201)
    written.push(text)
    await host.kill()
    host = await startHost({ ...options, port: host.port })
  }
  await using last = host
  const kept = await waitFor(async () => (await readEntries(last, 'ada')).length > 0 && readEntries(last, 'ada'))
  expect(kept.toSorted()).toEqual(written.toSorted())
  await poolIsFull(last)
  const running = await ownProcesses(home.path)
  expect(running.sites).toHaveLength(2)
  expect(running.engines).toHaveLength(1)
})

test('a host that is asked to stop leaves no process, and its sites come back', async () => {
  await using home = await temporaryDirectory()
  const options = { home: home.path, environment: { SITEWRIGHT_RUNTIME: 'processes', SITEWRIGHT_POOL_SIZE: '1' } }
  const host = await spawnHost(options)
  await poolIsFull(host)
  expect((await ownProcesses(home.path)).sites).toHaveLength(1)
  const ada = await signIn(host, 'ada@example.com')
  expect((await createSite(host, ada, { slug: 'ada' })).status).toBe(201)
  await writeEntry(host, 'ada', 'kept')

  // A terminal that is closed tells the host, and a moment later npm does.
  process.kill(host.pid, 'SIGHUP')
  await host.stop()
  expect(await ownProcesses(home.path)).toEqual({ sites: [], engines: [] })
  expect(host.output()).toContain('Stopping.')
  await expect(call(host, { path: '/v1/health' })).rejects.toThrow('ECONNREFUSED')

  await using again = await startHost({ home: home.path, port: host.port })
  expect(await readEntries(again, 'ada')).toEqual(['kept'])
})

test.each(['home.json', 'database/engine.json', 'mail'])(
  'a host that is asked to stop while it starts, with %s just made, leaves no process',
  async (made) => {
    await using home = await temporaryDirectory()
    const ended = endOfHost(
      { SITEWRIGHT_HOME: home.path, PORT: String(await findFreePort()), SITEWRIGHT_POOL_SIZE: '1' },
      { stopWhen: () => waitFor(async () => existsSync(join(home.path, made))) },
    )
    expect((await ended).code).toBe(0)
    expect(await ownProcesses(home.path)).toEqual({ sites: [], engines: [] })
  },
)
