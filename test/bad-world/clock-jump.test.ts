import { decodeProtectedHeader, importJWK, type JWK, jwtVerify } from 'jose'
import { afterEach, describe, expect, it } from 'vitest'
import { createEntitlementKeys } from '../../adapters/entitlement/entitlement-keys.ts'
import { createRootSigner, generateRootKey } from '../../adapters/entitlement/root-signer.ts'
import { checkReady } from '../../lambdas/sites/build/check-ready.ts'
import { failSite } from '../../lambdas/sites/build/fail-site.ts'
import { startSite } from '../../lambdas/sites/build/provision-site.ts'
import { healBuilds } from '../../lambdas/sites/heal-work.ts'
import { fillPool } from '../../lambdas/sites/pool/fill-pool.ts'
import { openApiStage } from '../lambdas/api-stage.ts'
import { requestForPool } from '../support/build-for-pool.ts'
import { plainSecrets } from '../support/plain-secrets.ts'
import { newSiteId } from '../support/probe-launch.ts'
import { openProvisioning, unobserved } from '../support/provisioning.ts'

const month = 31 * 86_400_000
const jumps = [
  ['forward', month],
  ['back', -month],
] as const

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const stage of opened.splice(0)) await stage[Symbol.asyncDispose]()
})

const openStage = async () => {
  const stage = await openProvisioning()
  opened.push(stage)
  return stage
}

describe.each(jumps)('a clock that jumps a month %s', (direction, jump) => {
  it('fails no build: the site has its time from then on, and no more', async () => {
    const stage = await openStage()
    const endpoint = { host: '127.0.0.1', port: 41_000 }
    let isUp = false
    const ports = {
      ...stage.ports,
      ...plainSecrets(async () => 'secret'),
      rootPublicKey: 'key',
      siteUrl: (hostname: string) => `https://${hostname}`,
      placementSeconds: 0,
      runtime: {
        start: async () => undefined,
        locate: async () => endpoint,
        remove: async () => undefined,
        list: async () => [],
        countEnds: async () => 0,
        observe: async () => undefined,
      },
      probe: { isHealthy: async () => isUp, ask: async () => ({ status: 503 }), meets: async () => isUp },
    }
    const attempt = { siteId: (await requestForPool(stage)).id, fence: 1 }
    await startSite(ports, attempt)
    stage.ports.clocks.pass(20_000)
    stage.ports.clocks.pass(jump)
    await expect(checkReady(ports, attempt)).rejects.toMatchObject({ name: 'SiteNotReady' })
    stage.ports.clocks.pass(29_000)
    await expect(checkReady(ports, attempt)).rejects.toMatchObject({ name: 'SiteNotReady' })
    stage.ports.clocks.pass(2000)
    await expect(checkReady(ports, attempt)).rejects.toMatchObject({ name: 'LaunchFailed' })
    isUp = true
    await expect(checkReady(ports, attempt)).resolves.toBeUndefined()
  })

  it('keeps no build that ended without an outcome from being taken up', async () => {
    const stage = await openStage()
    const { id } = await requestForPool(stage)
    await healBuilds(stage.ports, 'tick')
    stage.ports.workflows.state = 'failed'
    stage.ports.clocks.pass(jump)
    await healBuilds(stage.ports, 'tick')
    expect(await stage.ports.sites.get(id)).toMatchObject({ status: 'building', operation: { fence: 2 } })
  })

  it('does not keep the pool from being filled after failures', async () => {
    const stage = await openStage()
    const { id } = await requestForPool(stage)
    await failSite({ ...stage.ports, ...unobserved }, { siteId: id, fence: 1 }, 'LaunchFailed')
    await fillPool(stage.ports, 'tick')
    expect(await stage.listed('building')).toEqual([])
    stage.ports.clocks.pass(jump)
    await fillPool(stage.ports, 'tick')
    expect((await stage.listed('building')).length).toBeGreaterThan(0)
  })

  it('leaves entitlements that a site with the same clock believes', async () => {
    let now = Date.parse('2026-03-01T12:00:00.000Z')
    const keys = createEntitlementKeys({
      root: createRootSigner(generateRootKey()),
      clock: () => new Date(now).toISOString(),
    })
    const site = newSiteId()
    const entitlement = {
      name: 'Ada',
      plan: 'trial',
      features: [],
      limits: { requestsPerMinute: 1, bandwidthMiBPerMinute: 1, connections: 1, uploadMiB: 1, storageMiB: 1 },
      facts: {
        trialEndsAt: null,
        paymentDueBy: null,
        endsAt: null,
        consoleUrl: 'https://try.example.com',
        origins: { content: 'https://acme--content.example.com' },
        unlocks: {},
      },
    }
    const root = await importJWK({ kty: 'OKP', crv: 'Ed25519', x: await keys.rootPublicKey() }, 'EdDSA')
    const believed = async () => {
      const token = await keys.signer.sign(site, entitlement)
      const currentDate = new Date(now)
      const { cert } = decodeProtectedHeader(token) as { cert: string }
      const { payload } = await jwtVerify<{ key: JWK }>(cert, root, { currentDate })
      return (await jwtVerify(token, await importJWK(payload.key, 'EdDSA'), { currentDate, audience: site })).payload
    }
    const before = await believed()
    now += jump
    const after = await believed()
    expect((after.exp ?? 0) - (before.exp ?? 0)).toBe(jump / 1000)
  })

  it(`ends ${direction === 'forward' ? 'every' : 'no'} session and code, and lets people sign in again`, async () => {
    const stage = await openApiStage()
    opened.push(stage)
    const post = (path: string, body: object) => stage.send({ method: 'POST', path, body })
    const startSignup = async (email: string) => String((await post('/v1/signups', { email })).json['id'])
    const verify = (id: string, email: string) => post(`/v1/signups/${id}/verification`, { code: stage.codeFor(email) })
    const isSignedIn = async ({ json }: { json: Record<string, unknown> }) => {
      const { token } = json['session'] as { token: string }
      const headers = { authorization: `Bearer ${token}` }
      return (await stage.send({ method: 'GET', path: '/v1/session', headers })).status === 200
    }
    const ada = await verify(await startSignup('ada@example.com'), 'ada@example.com')
    const eve = await startSignup('eve@example.com')
    stage.turnClock(jump)

    expect(await isSignedIn(ada)).toBe(direction === 'back')
    expect((await verify(eve, 'eve@example.com')).status).toBe(direction === 'back' ? 200 : 410)
    const again = await verify(await startSignup('ada@example.com'), 'ada@example.com')
    expect(await isSignedIn(again)).toBe(true)
  })
})
