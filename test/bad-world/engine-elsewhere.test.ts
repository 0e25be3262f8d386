import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Engine } from '../../adapters/containers/engine.ts'
import { findFreePort } from '../../local/engine/engine-place.ts'
import { endOfHost } from '../e2e/end-of-host.ts'
import { temporaryDirectory } from '../e2e/temporary-directory.ts'
import { canTestNetworks, importProbeImage, testEngine } from '../support/container-engine.ts'
import { probeLaunch } from '../support/probe-launch.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'

const found = await testEngine()

/** The engine of the tests at an address of the network, as that of another machine. */
const relayEngine = async () => {
  const path = process.env['DOCKER_HOST']?.replace('unix://', '') ?? ''
  const server = createServer((socket) => {
    const engine = connect({ path })
    socket.on('error', () => engine.destroy()).pipe(engine)
    engine.on('error', () => socket.destroy()).pipe(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { address: `tcp://127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => void server.close() }
}

describe.runIf(await canTestNetworks(found))('a host with an engine that is not on this machine', () => {
  const endWith = async (environment: Readonly<Record<string, string>>) => {
    await using engine = await relayEngine()
    await using home = await temporaryDirectory()
    return await endOfHost({
      SITEWRIGHT_RUNTIME: 'containers',
      DOCKER_HOST: engine.address,
      SITEWRIGHT_HOME: home.path,
      PORT: String(await findFreePort()),
      ...environment,
    })
  }

  test('refuses a blueprint without outbound in one line that says what to do', async () => {
    const { code, output } = await endWith({})
    expect(code).toBe(1)
    expect(output).toMatch(
      /^Sitewright cannot start: sites cannot run as containers: The blueprint 'welcome' has `outbound: none`: .* set `outbound: internet`.*\n$/,
    )
  })

  test('starts with a blueprint without outbound that is not offered, and logs why its sites do not', async () => {
    await importProbeImage(found as Engine)
    await using engine = await relayEngine()
    await using blueprints = await temporaryDirectory()
    for (const [name, outbound] of Object.entries({ welcome: 'internet', retired: 'none' })) {
      const blueprint = { ...probeLaunch().blueprint, name, outbound, access: 'public' }
      await writeFile(join(blueprints.path, `${name}.json`), JSON.stringify(blueprint))
    }
    await using host = await startHost({
      env: {
        SITEWRIGHT_RUNTIME: 'containers',
        DOCKER_HOST: engine.address,
        SITEWRIGHT_POOL_SIZE: '0',
        SITEWRIGHT_BLUEPRINTS: blueprints.path,
        SITEWRIGHT_LOG: 'warn',
      },
    })
    await waitFor(async () => host.output().includes('  pool'))
    expect(host.output()).toMatch(/"event":"blueprint-not-runnable","blueprint":"retired",.*`outbound: none`/)
    expect(host.output()).not.toContain('"event":"image-unavailable"')
  })

  test('runs processes unless it is told to use containers, and says why', async () => {
    await using engine = await relayEngine()
    await using host = await startHost({
      env: { SITEWRIGHT_RUNTIME: 'auto', DOCKER_HOST: engine.address, SITEWRIGHT_POOL_SIZE: '0' },
    })
    await waitFor(async () => host.output().includes('  pool'))
    expect(host.output()).toMatch(
      / runtime {3}processes, WITHOUT isolation: .*\(The blueprint 'welcome' has `outbound: none`:/,
    )
  })

  test('does not serve the public, since sites could connect to its services', async () => {
    const { code, output } = await endWith({
      SITEWRIGHT_SITES_DOMAIN: 'sites.example',
      SITEWRIGHT_CONSOLE_URL: 'https://console.example',
    })
    expect(code).toBe(1)
    expect(output).toMatch(/^Sitewright cannot start: sites could connect to services of this machine: .*\n$/)
  })
})
