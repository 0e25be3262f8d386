import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { findFreePort } from '../../local/engine/engine-place.ts'
import { type StartedHost, startHost } from '../support/start-host.ts'
import { writeBlueprint, writeGatedBlueprint } from './blueprints.ts'
import { call } from './call.ts'
import { endOfHost } from './end-of-host.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { poolIsFull } from './visitor.ts'

// Hosts are started again and again, beside the other tests.
vi.setConfig({ testTimeout: 600_000 })

let host: StartedHost

beforeAll(async () => {
  host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '0' } })
})

afterAll(async () => host?.stop())

const isWell = async () => (await call(host, { path: '/v1/health' })).status === 200

it('a second host on the same directory is refused and told where the first one is', async () => {
  const { code, output } = await endOfHost({ SITEWRIGHT_HOME: host.home, PORT: String(await findFreePort()) })
  expect(code).toBe(1)
  expect(output).toMatch(/^Sitewright cannot start: another host \(pid \d+, port \d+\) already runs on /)
  expect(output).toContain(`port ${host.port}`)
  expect(output).toContain(host.home)
  expect(output).not.toContain('    at ')
  expect(await isWell()).toBe(true)
})

it('a host whose port is taken is refused, and says what to do', async () => {
  await using home = await temporaryDirectory()
  const { code, output } = await endOfHost({ SITEWRIGHT_HOME: home.path, PORT: String(host.port) })
  expect(code).toBe(1)
  expect(output).toBe(
    `Sitewright cannot start: port ${host.port} is taken; stop the program that listens there, or set PORT to another one.\n`,
  )
  expect(await isWell()).toBe(true)
})

it('a directory that a newer version wrote is refused and left as it is', async () => {
  await using home = await temporaryDirectory()
  const file = join(home.path, 'home.json')
  const text = JSON.stringify({ formatVersion: 2, homeId: '0123456789abcdef', createdAt: '2030-01-01T00:00:00.000Z' })
  await writeFile(file, text)
  await mkdir(join(home.path, 'database'))
  const { code, output } = await endOfHost({ SITEWRIGHT_HOME: home.path, PORT: String(await findFreePort()) })
  expect(code).toBe(1)
  expect(output).toContain('was written by a newer Sitewright (format 2; this one knows 1)')
  expect(await readFile(file, 'utf8')).toBe(text)
  expect(await readdir(join(home.path, 'database'))).toEqual([])
})

it('a directory whose secrets are gone is refused, since its sites would trust nobody', async () => {
  await using home = await temporaryDirectory()
  await mkdir(join(home.path, 'database'))
  await writeFile(join(home.path, 'database', 'engine.json'), '{}')
  await writeFile(
    join(home.path, 'home.json'),
    JSON.stringify({ formatVersion: 1, homeId: randomBytes(8).toString('hex'), createdAt: '2030-01-01T00:00:00.000Z' }),
  )
  const { code, output } = await endOfHost({ SITEWRIGHT_HOME: home.path, PORT: String(await findFreePort()) })
  expect(code).toBe(1)
  expect(output).toContain('secrets.json is missing. Put it back from a backup')
})

it('a published blueprint version that has changed is refused, and told which', async () => {
  await using home = await temporaryDirectory()
  await using blueprints = await temporaryDirectory()
  const env = { SITEWRIGHT_POOL_SIZE: '1', SITEWRIGHT_BLUEPRINTS: blueprints.path }
  const { openGate } = await writeGatedBlueprint(blueprints.path)
  await openGate()
  const first = await startHost({ home: home.path, env })
  // A version is published once a site was built from it.
  await poolIsFull(first)
  await first.stop()
  await writeBlueprint(blueprints.path, { command: ['node', 'another.ts'] })
  const { code, output } = await endOfHost({ ...env, SITEWRIGHT_HOME: home.path, PORT: String(first.port) })
  expect(code).toBe(1)
  expect(output).toMatch(/^Sitewright cannot start: .*'welcome' version 1 .*next version number/)
  expect(output).not.toContain('    at ')
})

it('settings that are wrong are all named', async () => {
  const { code, output } = await endOfHost({ PORT: 'http', SITEWRIGHT_LOG: 'loud' })
  expect(code).toBe(1)
  expect(output).toMatch(/^Sitewright cannot start: these settings are not valid: PORT .*; SITEWRIGHT_LOG /)
})
