import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import { findFreePort } from '../../local/engine/engine-place.ts'
import { call } from '../e2e/call.ts'
import { endOfHost } from '../e2e/end-of-host.ts'
import { temporaryDirectory } from '../e2e/temporary-directory.ts'
import { createSite, getSite, poolIsFull, readEntries, signIn, writeEntry } from '../e2e/visitor.ts'
import { testEngine } from '../support/container-engine.ts'
import { listening } from '../support/listening.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { startOwnEngine } from './engine-of-its-own.ts'

const nobodysEngine = 'unix:///nonexistent/engine.sock'

describe('a container engine that does not answer at the start', () => {
  test('is told where sites have to be containers', async () => {
    await using home = await temporaryDirectory()
    const { code, output } = await endOfHost({
      SITEWRIGHT_HOME: home.path,
      SITEWRIGHT_RUNTIME: 'containers',
      DOCKER_HOST: nobodysEngine,
      PORT: String(await findFreePort()),
    })
    expect(code).toBe(1)
    expect(output).toBe(
      'Sitewright cannot start: sites cannot run as containers: no container engine answers; start Docker or Podman, or point DOCKER_HOST to one.\n',
    )
  })

  test('makes processes of the sites where either is welcome, and says so', async () => {
    await using host = await startHost({
      env: { SITEWRIGHT_RUNTIME: 'auto', DOCKER_HOST: nobodysEngine, SITEWRIGHT_POOL_SIZE: '0' },
    })
    await waitFor(async () => host.output().includes('  pool'))
    expect(host.output()).toMatch(/ runtime {3}processes, WITHOUT isolation: .*\(no container engine answers;/)
  })
})

describe('a container engine that answers, and then does nothing that it is asked', () => {
  const sickEngine = async () => {
    const server = createServer((request, response) => {
      response.statusCode = request.url?.endsWith('/_ping') ? 200 : 500
      response.setHeader('content-type', 'application/json')
      response.end('{"message":"no space left"}')
    })
    const port = await listening(server)
    return { address: `tcp://127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => void server.close() }
  }

  test('does not take isolation away from sites: the host says what is wrong and what to do', async () => {
    await using home = await temporaryDirectory()
    await using engine = await sickEngine()
    const { code, output } = await endOfHost({
      SITEWRIGHT_HOME: home.path,
      SITEWRIGHT_RUNTIME: 'auto',
      DOCKER_HOST: engine.address,
      PORT: String(await findFreePort()),
    })
    expect(code).toBe(1)
    expect(output).toMatch(
      /^Sitewright cannot start: sites cannot run as containers: The container engine answered 500/,
    )
    expect(output).toMatch(
      /; check the engine and start again; or set SITEWRIGHT_RUNTIME=processes to run sites WITHOUT/,
    )
    expect(output).not.toContain('    at ')
  })

  test('is not asked for anything where processes were', async () => {
    await using engine = await sickEngine()
    await using host = await startHost({ env: { DOCKER_HOST: engine.address, SITEWRIGHT_POOL_SIZE: '0' } })
    await waitFor(async () => host.output().includes('  pool'))
    expect(host.output()).toMatch(/ runtime {3}processes, WITHOUT isolation/)
  })
})

const engineForTests = await testEngine()

describe.runIf(engineForTests)('a container engine that goes away', () => {
  test('and comes back interrupts no site and fails no build; a host without it does not double its sites', {
    timeout: 600_000,
  }, async () => {
    await using engine = await startOwnEngine()
    await using home = await temporaryDirectory()
    const env = {
      SITEWRIGHT_RUNTIME: 'auto',
      SITEWRIGHT_POOL_SIZE: '1',
      SITEWRIGHT_LOG: 'warn',
      DOCKER_HOST: engine.address,
    }
    const host = await startHost({ home: home.path, env })
    await poolIsFull(host)
    const ada = await signIn(host, 'ada@example.com')
    expect((await createSite(host, ada, { slug: 'ada' })).status).toBe(201)
    await writeEntry(host, 'ada', 'before')
    await poolIsFull(host)

    await engine.goAway()
    await waitFor(async () => host.output().includes('container-engine-away'))
    expect((await writeEntry(host, 'ada', 'meanwhile')).status).toBe(201)
    const eve = await signIn(host, 'eve@example.com')
    expect((await createSite(host, eve, { slug: 'eve' })).status).toBe(201)
    const mia = await signIn(host, 'mia@example.com')
    const created = await createSite(host, mia, { slug: 'mia' })
    expect(created.status).toBe(202)
    expect((await writeEntry(host, 'eve', 'from the pool')).status).toBe(201)
    await waitFor(async () => (await getSite(host, mia, created.json.id)).progress.percent === 25)

    await engine.comeBack()
    await waitFor(async () => (await getSite(host, mia, created.json.id)).status === 'active')
    await poolIsFull(host)
    expect(await readEntries(host, 'ada')).toEqual(['meanwhile', 'before'])
    expect(await readEntries(host, 'eve')).toEqual(['from the pool'])
    expect(host.output().match(/container-engine-away/g)).toHaveLength(1)
    expect(host.output()).toContain('container-engine-back')

    await host.kill()
    await engine.goAway()
    const { code, output } = await endOfHost({ ...env, SITEWRIGHT_HOME: home.path, PORT: String(host.port) })
    expect(code).toBe(1)
    expect(output).toContain('may still run as containers, and their engine does not answer; start the engine')

    await engine.comeBack()
    await using again = await startHost({ home: home.path, port: host.port, env })
    expect(
      await waitFor(async () => (await call(again, { at: 'ada.localhost', path: '/healthz' })).status === 200),
    ).toBe(true)
    expect(await readEntries(again, 'ada')).toEqual(['meanwhile', 'before'])
  })
})
