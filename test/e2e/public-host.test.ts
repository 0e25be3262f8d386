import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { findFreePort } from '../../local/engine/engine-place.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { endOfHost } from './end-of-host.ts'
import { ownProcesses } from './own-processes.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const publicHost = { SITEWRIGHT_SITES_DOMAIN: 'sites.example', SITEWRIGHT_CONSOLE_URL: 'https://console.example' }

it('sites without isolation are refused once strangers can come, and nothing is left running', async () => {
  await using home = await temporaryDirectory()
  const { code, output } = await endOfHost({
    ...publicHost,
    SITEWRIGHT_RUNTIME: 'processes',
    SITEWRIGHT_HOME: home.path,
    PORT: String(await findFreePort()),
  })
  expect(code).toBe(1)
  expect(output).toMatch(/^Sitewright cannot start: processes have no isolation and cannot serve the public/m)
  expect(output).not.toContain('    at ')
  expect(await ownProcesses(home.path)).toEqual({ sites: [], engines: [] })
})

it('an engine that may lose acknowledged writes is refused', async () => {
  await using home = await temporaryDirectory()
  const { code, output } = await endOfHost({
    ...publicHost,
    SITEWRIGHT_RUNTIME: 'containers',
    SITEWRIGHT_ENGINE: 'dynamodb-local',
    SITEWRIGHT_HOME: home.path,
    PORT: String(await findFreePort()),
  })
  expect(code).toBe(1)
  expect(output).toMatch(/^Sitewright cannot start: .*DynamoDB Local loses acknowledged writes/s)
  expect(output).not.toContain('    at ')
})

/** A PATH on which namespaces cannot be made. */
const withoutNamespaces = async (directory: string): Promise<string> => {
  const program = "#!/bin/sh\necho 'unshare failed: Operation not permitted' >&2\nexit 1\n"
  await writeFile(join(directory, 'unshare'), program, { mode: 0o755 })
  return `${directory}:${process.env['PATH']}`
}

it('an engine that every user of the machine could ask is refused', async () => {
  await using home = await temporaryDirectory()
  await using programs = await temporaryDirectory()
  const { code, output } = await endOfHost({
    ...publicHost,
    PATH: await withoutNamespaces(programs.path),
    SITEWRIGHT_RUNTIME: 'containers',
    SITEWRIGHT_HOME: home.path,
    PORT: String(await findFreePort()),
  })
  expect(code).toBe(1)
  expect(output).toMatch(/^Sitewright cannot start: the database engine checks no credentials, .* not permitted; /)
  expect(output).not.toContain('    at ')
  expect(await ownProcesses(home.path)).toEqual({ sites: [], engines: [] })
})

it('a local host runs such an engine, and says so in one line', async () => {
  await using programs = await temporaryDirectory()
  const env = { PATH: await withoutNamespaces(programs.path), SITEWRIGHT_POOL_SIZE: '0' }
  await using host = await startHost({ env })
  await waitFor(async () => host.output().includes('  pool'))
  expect(host.output()).toMatch(
    /^ {2}engine {4}dynoxide, in .*, OPEN to every user of this machine .*: no network namespace \(unshare failed: .*\)$/m,
  )
})

it("a console below the sites' domain is refused", async () => {
  await using home = await temporaryDirectory()
  const { code, output } = await endOfHost({
    ...publicHost,
    SITEWRIGHT_CONSOLE_URL: 'https://console.sites.example',
    SITEWRIGHT_HOME: home.path,
  })
  expect(code).toBe(1)
  expect(output).toMatch(/^Sitewright cannot start: .*the console needs a different registrable domain/)
})
