import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { writeBlueprint } from './blueprints.ts'
import { call } from './call.ts'
import { rollOut } from './operating.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { createSite, getSite, readEntries, signIn, writeEntry } from './visitor.ts'

vi.setConfig({ testTimeout: 600_000 })

const command = ['node', 'server.ts'] as const

test('existing sites get a version that migrates, keep what was written meanwhile, and keep theirs if the next one fails', async () => {
  await using home = await temporaryDirectory()
  await using blueprints = await temporaryDirectory()
  const env = { SITEWRIGHT_POOL_SIZE: '0', SITEWRIGHT_BLUEPRINTS: blueprints.path }
  const node = (script: string) => ['node', '-e', script]
  const notes = node("fs.writeFileSync(path.join(process.env.DATA_DIRECTORY, 'migrated'), '2')")
  const verifies = node("process.exitCode = fs.existsSync(path.join(process.env.DATA_DIRECTORY, 'migrated')) ? 0 : 1")
  const release = {
    ...{ migrates: true, bakeSeconds: 0, command: notes },
    checks: [{ path: '/healthz' }, { command: verifies }],
  }
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
  const dataOf = (generation: number) => join(home.path, 'data', `${id}.${generation}`)
  expect(await readFile(join(dataOf(2), 'migrated'), 'utf8')).toBe('2')
  await second.kill()

  // It says that it succeeded.
  const lies = node('fs.rmSync(process.env.DATA_DIRECTORY + "/migrated"); console.log("all is well")')
  const checks = [{ path: '/healthz', contains: 'what it never says' }]
  const bad = { ...release, checks, command: lies }
  await writeBlueprint(blueprints.path, { command, version: 3, startSeconds: 3, release: bad })
  const third = await startHost({ home: home.path, env })
  await waitFor(async () => (await readEntries(third, 'ada')).length === accepted.length)
  const failed = await rollOut(third.url, 3)
  expect(failed.said).toContain(`${id}: LaunchFailed`)
  expect((await readEntries(third, 'ada')).toSorted()).toEqual(accepted.toSorted())
  expect(await readFile(join(dataOf(2), 'migrated'), 'utf8')).toBe('2')
  await third.kill()

  const fails = node("console.error('no such column'); process.exit(3)")
  await writeBlueprint(blueprints.path, { command, version: 4, release: { ...release, command: fails } })
  const fourth = await startHost({ home: home.path, env })
  await waitFor(async () => (await readEntries(fourth, 'ada')).length === accepted.length)
  const body = { email: 'grace@example.com', role: 'support' }
  const { token } = (await call<{ token: string }>(fourth, { method: 'POST', path: '/_local/operators', body })).json
  const headers = { authorization: `Bearer ${token}` }
  // All of its sites failed, so it halted.
  const ending = { method: 'POST', path: '/v1/operator/rollouts/welcome/abort', headers, body: { reason: 'It lies' } }
  expect((await call(fourth, ending)).status).toBe(200)
  expect((await rollOut(fourth.url, 4)).said).toContain(`${id}: LaunchFailed`)
  expect((await readEntries(fourth, 'ada')).toSorted()).toEqual(accepted.toSorted())
  const { json } = await call(fourth, { path: `/v1/operator/sites/${id}/failures`, headers })
  const ended = { name: 'web', lastEnd: { exitCode: 3 }, lines: ['no such column'] }
  const detail = 'The release command of version 4 ended with exit code 3.'
  expect(json).toMatchObject({
    failures: [
      { during: 'upgrade', detail, blueprint: { version: 4 }, containers: [ended] },
      { during: 'upgrade', blueprint: { version: 3 } },
    ],
  })
  await fourth.stop()
})
