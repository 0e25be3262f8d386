import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { type StartedHost, startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { call } from './call.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { turnClock } from './turned-clock.ts'
import { createSite, getSite, poolIsFull, readEntries, signIn, writeEntry } from './visitor.ts'

// An archive that takes long enough to be killed, and hosts that are started again, beside the other tests.
vi.setConfig({ testTimeout: 600_000 })

const largeBytes = 120 * 1024 * 1024
const digestOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

/** The processes of this parent whose command line has this word. */
const childrenOf = async (parent: number, word: string): Promise<readonly number[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [status, command] = await Promise.all([
        readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''),
        readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
      ])
      return command.includes(word) && status.includes(`\nPPid:\t${parent}\n`) ? [pid] : []
    }),
  )
  return found.flat()
}

/** Resolves with the workers when one of them has written a good part of an archive. */
const inTheMiddle = ({ home, pid }: StartedHost): Promise<readonly number[]> =>
  waitFor(async () => {
    const archives = join(home, 'archives')
    const unfinished = (await readdir(archives)).filter((name) => name.endsWith('.unfinished'))
    const sizes = await Promise.all(unfinished.map((name) => stat(join(archives, name)).catch(() => undefined)))
    if (sizes.every((size) => size === undefined || size.size < largeBytes / 10)) return undefined
    return childrenOf(pid, 'archive-worker')
  })

/** A suspended site with much data, and its owner. */
const begin = async (home: string) => {
  const host = await startHost({ home, env: { SITEWRIGHT_POOL_SIZE: '1' } })
  await poolIsFull(host)
  const ada = await signIn(host, 'ada@example.com')
  const { id } = (await createSite(host, ada, { slug: 'ada' })).json
  await writeEntry(host, 'ada', 'kept')
  const large = randomBytes(largeBytes)
  await writeFile(join(home, 'data', id, 'large.bin'), large)
  await turnClock(host, 'P15D')
  expect((await getSite(host, ada, id)).status).toBe('suspended')
  const isArchived = async (at: StartedHost) => {
    const site = (
      await call<{ status: string; operation: string | null }>(at, { path: `/v1/sites/${id}`, headers: ada.bearer })
    ).json
    return site.status === 'archived' && site.operation === null
  }
  const data = async () => (await readdir(join(home, 'data'))).filter((name) => name.startsWith(id))
  return { host, ada, id, digest: digestOf(large), isArchived, data }
}

type Begun = Awaited<ReturnType<typeof begin>>

const expectNothingLost = async (host: StartedHost, { ada, id, digest, isArchived, data }: Begun): Promise<void> => {
  await waitFor(() => isArchived(host))
  expect(await data()).toEqual([])
  // The extension lets its owner have it back.
  const resumed = await call(host, { method: 'POST', path: `/v1/sites/${id}/resume`, headers: ada.bearer })
  expect(resumed.status).toBe(202)
  await waitFor(async () => (await getSite(host, ada, id)).status === 'active')
  expect(await data()).toEqual([`${id}.2`])
  expect(await readEntries(host, 'ada')).toEqual(['kept'])
  expect(digestOf(await readFile(join(host.home, 'data', `${id}.2`, 'large.bin')))).toBe(digest)
}

it('a worker that is killed in the middle of archiving loses nothing, and another one takes its place', async () => {
  await using home = await temporaryDirectory()
  const begun = await begin(home.path)
  await using host = begun.host
  const turning = turnClock(host, 'P20D')
  const workers = await inTheMiddle(host)
  expect(workers.length).toBeGreaterThan(0)
  for (const pid of workers) process.kill(pid, 'SIGKILL')
  expect(await begun.data()).toEqual([begun.id])
  const { json } = await turning
  expect(json.ran.map(({ step }) => step)).toEqual(['archive'])
  await expectNothingLost(host, begun)
})

it('a host that is killed in the middle of archiving loses nothing, and the next one continues', async () => {
  await using home = await temporaryDirectory()
  const begun = await begin(home.path)
  const turning = turnClock(begun.host, 'P20D').catch(() => undefined)
  const workers = await inTheMiddle(begun.host)
  await begun.host.kill()
  await turning
  expect(await begun.data()).toEqual([begun.id])
  // Nobody works on the data of a host that is gone.
  expect(workers.length).toBeGreaterThan(0)
  await waitFor(async () => workers.every((pid) => !existsSync(`/proc/${pid}`)))

  await using next = await startHost({ home: home.path, port: begun.host.port, env: { SITEWRIGHT_POOL_SIZE: '1' } })
  await expectNothingLost(next, begun)
})
