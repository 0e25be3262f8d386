import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findFreePort } from '../../local/engine/engine-place.ts'
import { call } from '../e2e/call.ts'
import { endOfHost } from '../e2e/end-of-host.ts'
import { ownProcesses } from '../e2e/own-processes.ts'
import { createSite, poolIsFull, readEntries, signIn, startSignup, writeEntry } from '../e2e/visitor.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { hasSmallDisks, mountDisk } from './small-disk.ts'

describe.runIf(hasSmallDisks())('a disk', () => {
  test('that is full keeps a host from starting, which says what to do', async () => {
    await using disk = await mountDisk()
    await disk.fill()
    const home = join(disk.path, 'home')
    const { code, output } = await endOfHost({ SITEWRIGHT_HOME: home, PORT: String(await findFreePort()) })
    expect(code).toBe(1)
    expect(output).toBe(
      `Sitewright cannot start: ${home} is on a full disk; free some space, or set SITEWRIGHT_HOME to another directory.\n`,
    )
  })

  test('that can only be read keeps a host from starting, which says what to do', async () => {
    await using disk = await mountDisk({ readOnly: true })
    const { code, output } = await endOfHost({ SITEWRIGHT_HOME: disk.path, PORT: String(await findFreePort()) })
    expect(code).toBe(1)
    expect(output).toContain(`${disk.path} is on a read-only disk; mount it for writing`)
    expect(output).not.toContain('    at ')
  })

  test('that fills up under a host loses nothing, stops what is new, and needs no restart once it has room', async () => {
    await using disk = await mountDisk()
    const home = join(disk.path, 'home')
    await using host = await startHost({
      home,
      env: { SITEWRIGHT_POOL_SIZE: '2', SITEWRIGHT_LOG: 'warn', SITEWRIGHT_DISK_RESERVE_MIB: '0' },
    })
    await poolIsFull(host)
    const ada = await signIn(host, 'ada@example.com')
    const eve = await signIn(host, 'eve@example.com')
    expect((await createSite(host, ada, { slug: 'ada' })).status).toBe(201)
    expect((await writeEntry(host, 'ada', 'before')).status).toBe(201)
    const before = await ownProcesses(home)

    // In the middle of the build that replaces the claimed site.
    await disk.fill()
    for (const answer of [
      await startSignup(host, 'late@example.com'),
      await createSite(host, eve, { slug: 'eve' }),
      await call(host, { path: '/v1/health' }),
    ]) {
      expect(answer.status).toBe(503)
      expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json', 'retry-after': '2' })
      expect(answer.json).toMatchObject({ detail: expect.stringContaining('disk of this host is full') })
    }
    const unsaved = await writeEntry(host, 'ada', 'x'.repeat(4000))
    expect(unsaved.status).toBe(507)
    expect(unsaved.json).toMatchObject({ detail: 'This site has no disk space left, so nothing was saved.' })
    expect(await readEntries(host, 'ada')).toEqual(['before'])
    expect((await call(host, { path: '/v1/sites', headers: ada.bearer })).status).toBe(200)
    expect(host.output()).toContain('disk-full')

    await disk.free()
    const created = await createSite(host, eve, { slug: 'eve' })
    expect(created.status).toBe(201)
    expect((await writeEntry(host, 'ada', 'after')).status).toBe(201)
    expect(await readEntries(host, 'ada')).toEqual(['after', 'before'])
    const late = await signIn(host, 'late@example.com')
    await poolIsFull(host)
    // As the API asks of clients: some things may still recover.
    await waitFor(async () => (await createSite(host, late, { slug: 'late' })).status === 201)
    expect((await ownProcesses(home)).engines).toEqual(before.engines)
    await waitFor(async () => host.output().includes('disk-has-room'))
  })
})
