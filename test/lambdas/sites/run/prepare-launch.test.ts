import { describe, expect, it } from 'vitest'
import { parseBlueprint } from '../../../../core/blueprint/blueprint.ts'
import { planCatalogue } from '../../../../core/plan/plan-catalogue.ts'
import { type LaunchPorts, launchOf } from '../../../../lambdas/sites/run/prepare-launch.ts'
import { siteSamples } from '../../../support/site-samples.ts'

const size = { cpu: 0.5, memoryMiB: 256, processes: 128 }
const limits = { requestsPerMinute: 3000, bandwidthMiBPerMinute: 300, connections: 100, uploadMiB: 32, storageMiB: 256 }
const blueprint = parseBlueprint(
  {
    name: 'welcome',
    version: 1,
    title: 'Welcome',
    containers: [
      { name: 'web', image: 'web:1', secrets: ['SESSION_KEY', 'SHARED'] },
      { name: 'queue', image: 'queue:1', secrets: ['SHARED'] },
    ],
    traffic: { container: 'web' },
    data: { mode: 'exclusive' },
  },
  'welcome.yaml',
)

const portsWith = (published: typeof blueprint | undefined): LaunchPorts => ({
  blueprints: { get: async () => published, standing: async () => undefined },
  plans: planCatalogue([{ id: 'trial', name: 'Trial', kind: 'trial', prices: [], size, limits, features: ['export'] }]),
  secrets: { valueOf: async (siteId, name) => `${name} of ${siteId}` },
  rootPublicKey: 'the root key',
  siteUrl: (hostname) => `https://${hostname}`,
})

describe('the launch of a site', () => {
  it('hands over the size of its plan, its secrets, its id and the key that it may believe', async () => {
    const { id } = siteSamples.active
    expect(await launchOf(portsWith(blueprint), siteSamples.active)).toEqual({
      siteId: id,
      cell: 'local',
      generation: 1,
      blueprint,
      size,
      plan: siteSamples.active.plan,
      interruptible: true,
      secrets: { SESSION_KEY: `SESSION_KEY of ${id}`, SHARED: `SHARED of ${id}` },
      environment: {
        SITEWRIGHT_SITE_ID: id,
        SITEWRIGHT_ROOT_KEY: 'the root key',
      },
    })
  })

  it('holds nothing but the plan that a claim would change: name, hostname and features come with each request', async () => {
    const { plan, ...rest } = await launchOf(portsWith(blueprint), siteSamples.active)
    expect(plan).toBe('trial')
    const text = JSON.stringify(rest)
    for (const late of [siteSamples.active.ownership.hostname, siteSamples.active.ownership.name, 'trial', 'export']) {
      expect(text).not.toContain(late)
    }
  })

  it('names the URL, features and limits that the blueprint interpolates', async () => {
    const [web, queue] = blueprint.containers
    const environment = { A: '${SITE_URL}', B: '${feature.export}${limit.storageMiB}' }
    const late = { ...blueprint, containers: [{ ...web!, environment }, queue!] }
    const { hostname } = siteSamples.active.ownership
    expect((await launchOf(portsWith(late), siteSamples.active)).facts).toEqual({
      SITE_URL: `https://${hostname}`,
      'feature.export': 'true',
      'limit.storageMiB': '256',
    })
  })

  it('throws for an unpublished blueprint', async () => {
    await expect(launchOf(portsWith(undefined), siteSamples.active)).rejects.toMatchObject({ kind: 'BlueprintUnknown' })
  })
})
