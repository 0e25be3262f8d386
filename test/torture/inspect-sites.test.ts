import { spawn } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { leftoverMarks } from '../../adapters/leftovers/find-leftovers.ts'
import { readHomeId } from '../../local/home/home-identity.ts'
import { type StartedHost, startHost } from '../support/start-host.ts'
import { awaitPool } from '../support/temporary-home/temporary-home.ts'
import { whatRuns } from '../support/temporary-home/what-runs.ts'
import { waitFor } from '../support/wait-for.ts'
import { inspectSites } from './inspect-sites.ts'

let host: StartedHost
let homeId: string

beforeAll(async () => {
  host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1' } })
  homeId = (await readHomeId(host.home)) ?? ''
  await awaitPool(host.url, 30_000)
  await waitFor(async () => (await check()).length === 0)
})
afterAll(() => host.stop())

const check = (pool = 1) => inspectSites(host.home, { owners: [], pool, whatRuns: () => whatRuns(homeId, undefined) })

it('a host at rest fits together', async () => {
  expect(await check()).toEqual([])
})

it('a pool of another size than it should have is told', async () => {
  expect(await check(2)).toEqual(['the pool has 1 sites, and not 2'])
})

it('a process without a record is told', async () => {
  const orphan = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    env: { ...leftoverMarks(homeId, 'site'), SITEWRIGHT_SITE_ID: 'site_stray' },
    stdio: 'ignore',
  })
  try {
    expect(await check()).toEqual(['a process of site_stray is left'])
  } finally {
    orphan.kill('SIGKILL')
  }
})

it('a data directory without a record is told', async () => {
  const stray = join(host.home, 'data', 'site_stray')
  await mkdir(stray)
  try {
    expect(await check()).toEqual(['the directory site_stray belongs to no site'])
  } finally {
    await rm(stray, { recursive: true })
  }
})
