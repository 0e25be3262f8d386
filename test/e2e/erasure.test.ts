import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { emailHash } from '../../core/email.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { call } from './call.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { turnClock } from './turned-clock.ts'
import { codeOf, createSite, mailTo, poolIsFull, signIn, startSignup, verify, writeEntry } from './visitor.ts'

// Hosts are started again and again, beside the other tests.
vi.setConfig({ testTimeout: 600_000 })

const email = 'ada.lovelace@example.com'
const traces = new RegExp(`lovelace|${emailHash(email)}`, 'i')
/** Two looks at the tables, two at files, and one more for each sweep that comes before another. */
const maxStarts = 10
/** Nobody signs up at any host but the first. */
const withoutPool = { SITEWRIGHT_POOL_SIZE: '0' }

/** The files below a home with a trace of the person, but for those of the stand-in, which plays another company. */
const filesWithTraces = async (home: string): Promise<readonly string[]> => {
  const names = await readdir(home, { recursive: true, withFileTypes: true })
  const paths = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const own = paths.filter((path) => !path.slice(home.length).includes('stripe'))
  const found = await Promise.all(
    own.map(async (path) => traces.test(path) || traces.test((await readFile(path)).toString('latin1'))),
  )
  return own.filter((_, index) => found[index])
}

it('leaves neither address nor name in any file of a home', async () => {
  await using home = await temporaryDirectory()
  const first = await startHost({ home: home.path, env: { SITEWRIGHT_POOL_SIZE: '1' } })
  await poolIsFull(first)
  const signup = (await startSignup(first, email, { name: 'Ada Lovelace', company: 'Lovelace Engines' })).json
  await verify(first, signup.id, await codeOf(first, signup.id, email))
  const ada = await signIn(first, email)
  await createSite(first, ada, { slug: 'lovelace', name: 'Ada Lovelace' })
  await writeEntry(first, 'lovelace', 'written by Ada Lovelace')
  const closed = await call(first, {
    method: 'DELETE',
    path: '/v1/account',
    headers: ada.bearer,
    body: { confirm: email },
  })
  expect(closed.status).toBe(202)
  await first.stop()
  expect((await filesWithTraces(home.path)).some((path) => path.endsWith('.db'))).toBe(true)

  // Each start makes every sweep at once.
  const second = await startHost({ home: home.path, port: first.port, env: withoutPool })
  const mail = await waitFor(async () =>
    (await mailTo(second, email)).find(({ subject }) => subject.includes('account will be deleted')),
  )
  expect(mail.links[0]).toContain('/#/keep/acct_')
  expect((await turnClock(second, 'P7DT1H')).status).toBe(200)
  await second.stop()
  // What one sweep leaves is for the next, and those of a start run side by side: which is first depends on the machine.
  let left = await filesWithTraces(home.path)
  for (let start = 0; start < maxStarts && left.length > 0; start += 1) {
    const next = await startHost({ home: home.path, port: first.port, env: withoutPool })
    await turnClock(next, 'PT10M')
    await next.stop()
    left = await filesWithTraces(home.path)
  }
  expect(left).toEqual([])
})
