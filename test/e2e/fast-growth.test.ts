import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { createSite, poolIsFull, readEntries, signIn, writeEntry } from './visitor.ts'

test('a site that outgrows its plan gets no more writes before the scheduled measurement', {
  timeout: 600_000,
}, async () => {
  await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1', SITEWRIGHT_LOG: 'warn' } })
  await poolIsFull(host)
  const ada = await signIn(host, 'ada@example.com')
  const { id } = (await createSite(host, ada, { slug: 'ada' })).json
  expect((await writeEntry(host, 'ada', 'before')).status).toBe(201)
  const megabytes = Buffer.alloc(16 * 1_048_576, 1)
  const grow = () => appendFile(join(host.home, 'data', id, 'grown'), megabytes)
  for (let index = 0; index < 17; index += 1) await grow()
  // The schedule measures after five minutes, and this test ends before. Other tests free disk meanwhile, which hides growth.
  await waitFor(async () => {
    await pause(1000)
    await grow()
    return (await writeEntry(host, 'ada', 'too much')).status === 507
  })
  expect(await readEntries(host, 'ada')).toContain('before')
})
