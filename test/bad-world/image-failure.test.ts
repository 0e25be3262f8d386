import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Engine } from '../../adapters/containers/engine.ts'
import { label } from '../../adapters/containers/site-network.ts'
import { readHomeId } from '../../local/home/home-identity.ts'
import { call } from '../e2e/call.ts'
import { temporaryDirectory } from '../e2e/temporary-directory.ts'
import { createSite, getSite, mailTo, signIn } from '../e2e/visitor.ts'
import { importProbeImage, testEngine } from '../support/container-engine.ts'
import { probeImage } from '../support/probe-launch.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'

const found = await testEngine()

const writeImageBlueprint = (
  directory: string,
  container: { image: string; command?: readonly string[] },
  name = 'welcome',
) =>
  writeFile(
    join(directory, `${name}.json`),
    JSON.stringify({
      name,
      version: 1,
      title: 'For a test',
      access: 'public',
      containers: [{ name: 'web', ...container }],
      traffic: { container: 'web', healthPath: '/healthz', startSeconds: 1 },
      data: { mode: 'exclusive' },
    }),
  )

describe.runIf(found)('an image', () => {
  const engine = found as Engine

  test.each(['containers', 'auto'])(
    'that is nowhere to be had keeps no host with SITEWRIGHT_RUNTIME=%s from starting, which says so in one line',
    async (runtime) => {
      await using blueprints = await temporaryDirectory()
      await writeImageBlueprint(blueprints.path, { image: 'registry.invalid/sitewright/none:1' })
      await using host = await startHost({
        env: {
          SITEWRIGHT_RUNTIME: runtime,
          SITEWRIGHT_POOL_SIZE: '2',
          SITEWRIGHT_BLUEPRINTS: blueprints.path,
          SITEWRIGHT_LOG: 'warn',
        },
      })
      await waitFor(async () => host.output().includes('  pool'))
      expect(host.output()).toMatch(/ runtime {3}containers, by the engine at /)
      expect(host.output()).toMatch(
        /"event":"blueprint-unavailable","blueprint":"welcome","version":1,"cause":"registry-unreachable","reason":".*registry\.invalid/,
      )
      const ada = await signIn(host, 'ada@example.com')
      const { status, headers, json } = await createSite(host, ada, { slug: 'unlucky' })
      expect(status).toBe(503)
      expect(Number(headers['retry-after'])).toBeGreaterThan(0)
      expect(json).toMatchObject({
        type: 'urn:sitewright:problem:blueprint-unavailable',
        detail: expect.stringContaining('the registry of its image does not answer'),
      })
    },
  )

  test('of a blueprint that is not offered keeps no host from starting', async () => {
    await importProbeImage(engine)
    await using blueprints = await temporaryDirectory()
    await writeImageBlueprint(blueprints.path, { image: probeImage })
    await writeImageBlueprint(blueprints.path, { image: 'registry.invalid/sitewright/none:1' }, 'retired')
    await using host = await startHost({
      env: {
        SITEWRIGHT_RUNTIME: 'auto',
        SITEWRIGHT_POOL_SIZE: '0',
        SITEWRIGHT_BLUEPRINTS: blueprints.path,
        SITEWRIGHT_LOG: 'warn',
      },
    })
    await waitFor(async () => host.output().includes('  pool'))
    expect(host.output()).toMatch(/ runtime {3}containers, by the engine at /)
    await waitFor(() => /"event":"blueprint-unavailable","blueprint":"retired"/.test(host.output()))
  })

  test.each([
    ['exits at once', ['node', '-e', 'process.exit(1)']],
    ['never becomes healthy', ['node', '-e', 'setInterval(() => undefined, 1000)']],
    ['has not the program that it is to run', ['sitewright-no-such-program']],
  ])(
    'that %s ends the build: its owner is told, nothing is left, and the pool does not spin',
    {
      // A cause that cannot be told fails a draft at the third build, for which the pool pauses.
      timeout: 600_000,
    },
    async (_, command) => {
      await importProbeImage(engine)
      await using blueprints = await temporaryDirectory()
      await writeImageBlueprint(blueprints.path, { image: probeImage, command })
      await using home = await temporaryDirectory()
      const hostWith = (poolSize: string) =>
        startHost({
          home: home.path,
          env: {
            SITEWRIGHT_RUNTIME: 'containers',
            SITEWRIGHT_POOL_SIZE: poolSize,
            SITEWRIGHT_BLUEPRINTS: blueprints.path,
            SITEWRIGHT_LOG: 'info',
          },
        })
      // Without a pool, the sign-up comes before the failure.
      await using host = await hostWith('0')
      const ada = await signIn(host, 'ada@example.com')
      const { id } = (await createSite(host, ada, { slug: 'unlucky' })).json
      await waitFor(async () => (await getSite(host, ada, id)).status === 'failed')
      const mail = await waitFor(async () =>
        (await mailTo(host, 'ada@example.com')).find(
          ({ subject }) => subject === 'Your site unlucky could not be built',
        ),
      )
      expect(mail.text).toContain('could not be built')

      const filters = { label: [`${label.home}=${await readHomeId(host.home)}`] }
      await waitFor(async () => (await engine.calls.listContainers({ all: true, filters })).length === 0)
      await host.stop()
      // A restart tries the first version again.
      await using second = await hostWith('2')
      await waitFor(async () => second.output().includes('"event":"blueprint-draft-failed"'))
      expect((await call(second, { path: '/v1/health' })).json).toMatchObject({ pool: { ready: 0, target: 2 } })
      const builds = second.output().match(/"event":"execution-failed","execution":"[^"]+"/g) ?? []
      expect(new Set(builds).size).toBeLessThanOrEqual(3)
    },
  )
})
