import { expect, it } from 'vitest'
import { findFreePort } from '../../local/engine/free-port.ts'
import { endOfHost } from './end-of-host.ts'
import { ownProcesses } from './own-processes.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const publicHost = {
  SITEWRIGHT_SITES_DOMAIN: 'sites.example',
  SITEWRIGHT_CONSOLE_URL: 'https://console.example',
}

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

it("a console below the sites' domain is refused", async () => {
  await using home = await temporaryDirectory()
  const { code, output } = await endOfHost({
    ...publicHost,
    SITEWRIGHT_CONSOLE_URL: 'https://console.sites.example',
    SITEWRIGHT_HOME: home.path,
  })
  expect(code).toBe(1)
  expect(output).toMatch(/^Sitewright cannot start: .*the console needs a domain of its own/)
})
