import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { call } from '../e2e/call.ts'
import { createSite, poolIsFull, readEntries, type SiteBody, signIn, writeEntry } from '../e2e/visitor.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { hasSmallDisks, mountDisk } from './small-disk.ts'

describe.runIf(hasSmallDisks())('a site that fills the disk', () => {
  test('gets no writes and is paused before the disk is full, while people sign up and other sites stay', {
    timeout: 600_000,
  }, async () => {
    await using disk = await mountDisk({ mebibytes: 256 })
    const home = join(disk.path, 'home')
    const env = { SITEWRIGHT_POOL_SIZE: '1', SITEWRIGHT_LOG: 'warn', SITEWRIGHT_DISK_RESERVE_MIB: '160' }
    await using host = await startHost({ home, env })
    await poolIsFull(host)
    const ada = await signIn(host, 'ada@example.com')
    const eve = await signIn(host, 'eve@example.com')
    const { id } = (await createSite(host, ada, { slug: 'ada' })).json
    await poolIsFull(host)
    await createSite(host, eve, { slug: 'eve' })
    expect((await writeEntry(host, 'eve', 'before')).status).toBe(201)
    const statusOf = async () =>
      (await call<SiteBody>(host, { path: `/v1/sites/${id}`, headers: ada.bearer })).json.status

    const megabytes = Buffer.alloc(4 * 1_048_576, 1)
    await waitFor(async () => {
      if ((await statusOf()) === 'suspended') return true
      await appendFile(join(home, 'data', id, 'grown'), megabytes)
      await pause(200)
      return false
    })
    const refused = await writeEntry(host, 'eve', 'too much')
    expect(refused.status).toBe(507)
    expect(refused.json).toMatchObject({ type: 'urn:sitewright:problem:disk-short' })
    expect(await readEntries(host, 'eve')).toEqual(['before'])
    expect(host.output()).toContain('growing-site-paused')
    expect(host.output()).not.toContain('disk-full')

    const late = await signIn(host, 'late@example.com')
    expect((await call(host, { path: '/v1/sites', headers: late.bearer })).status).toBe(200)
    await waitFor(async () => (await call(host, { path: '/', at: 'ada.localhost' })).status === 503)
  })
})
