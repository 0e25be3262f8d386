import { setTimeout as pause } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { writeBlueprint } from './blueprints.ts'
import { rollOut } from './operating.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { createSite, getSite, readEntries, signIn, writeEntry } from './visitor.ts'

vi.setConfig({ testTimeout: 180_000 })

const command = ['node', 'server.ts'] as const

test('existing sites get a version that migrates, keep what was written meanwhile, and keep theirs if the next one fails', async () => {
  await using home = await temporaryDirectory()
  await using blueprints = await temporaryDirectory()
  const env = { SITEWRIGHT_POOL_SIZE: '0', SITEWRIGHT_BLUEPRINTS: blueprints.path }
  const release = { migrates: true, bakeSeconds: 0, checks: [{ path: '/healthz' }] }
  await writeBlueprint(blueprints.path, { command })
  const first = await startHost({ home: home.path, env })
  const ada = await signIn(first, 'ada@example.com')
  const { id } = (await createSite(first, ada, { slug: 'ada' })).json
  await waitFor(async () => (await getSite(first, ada, id)).status === 'active')
  await writeEntry(first, 'ada', 'before')
  await first.kill()

  await writeBlueprint(blueprints.path, { command, version: 2, release })
  const second = await startHost({ home: home.path, env })
  await waitFor(async () => (await readEntries(second, 'ada')).length === 1)
  let isOver = false
  const accepted = ['before']
  const writing = (async () => {
    // The site lists its last fifty entries.
    for (let count = 1; !isOver && count < 45; count += 1) {
      await pause(50)
      const { status } = await writeEntry(second, 'ada', `entry ${count}`)
      if (status < 300) accepted.push(`entry ${count}`)
    }
  })()
  const done = await rollOut(second.url, 2)
  isOver = true
  await writing
  expect(done.said).toContain('welcome 2: finished')
  expect(done.isFinished).toBe(true)
  expect((await readEntries(second, 'ada')).toSorted()).toEqual(accepted.toSorted())
  expect(accepted.length).toBeGreaterThan(1)
  await second.kill()

  const checks = [{ path: '/healthz', contains: 'what it never says' }]
  await writeBlueprint(blueprints.path, { command, version: 3, startSeconds: 3, release: { ...release, checks } })
  const third = await startHost({ home: home.path, env })
  await waitFor(async () => (await readEntries(third, 'ada')).length === accepted.length)
  const failed = await rollOut(third.url, 3)
  expect(failed.said).toContain(`${id}: LaunchFailed`)
  expect((await readEntries(third, 'ada')).toSorted()).toEqual(accepted.toSorted())
  await third.stop()
})
