import { describe, expect, it } from 'vitest'
import { parseBlueprint } from '../../../../core/blueprint/blueprint.ts'
import { oneTimePassword } from '../../../../core/blueprint/handing-over.ts'
import { planCatalogue } from '../../../../core/plan/plan-catalogue.ts'
import type { Configuration } from '../../../../lambdas/configuration/configuration.ts'
import { hiddenValues, type LaunchPorts, launchOf } from '../../../../lambdas/sites/run/prepare-launch.ts'
import { plainSecrets, sealedSecrets } from '../../../support/plain-secrets.ts'
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
  blueprints: { get: async () => published, status: async () => undefined },
  plans: planCatalogue([{ id: 'trial', name: 'Trial', kind: 'trial', prices: [], size, limits, features: ['export'] }]),
  ...plainSecrets(async (siteId, name) => `${name} of ${siteId}`),
  rootPublicKey: 'the root key',
  siteUrl: (hostname) => `https://${hostname}`,
})

const { id } = siteSamples.active

/** Ports with these versions of the site's configuration; each sets the secrets that it names. */
const configured = async (
  published: typeof blueprint,
  ...versions: readonly { readonly variables?: Record<string, string>; readonly secrets?: Record<string, string> }[]
): Promise<LaunchPorts> => {
  const made = await Promise.all(
    versions.map(async ({ variables = {}, secrets = {} }, index): Promise<Configuration> => {
      const version = index + 1
      const sealed = Object.entries(secrets).map(async ([name, value]) => {
        const text = await sealedSecrets.seal({ siteId: id, version, name }, value)
        return [name, { sealed: text, version, at: '2026-03-01T09:30:00.000Z' }] as const
      })
      return {
        schemaVersion: 1,
        ...{ siteId: id, version, at: '2026-03-01T09:30:00.000Z', actor: { kind: 'system' }, reason: 'why' },
        ...{ basedOn: index, changed: [], variables, secrets: Object.fromEntries(await Promise.all(sealed)) },
      }
    }),
  )
  return {
    ...portsWith(published),
    configurations: {
      read: async (_, wanted) => made.find(({ version }) => version === wanted),
      list: async () => made.toReversed(),
      readGenerated: async () => undefined,
    },
  }
}
const withVersion = (configuration: number) => ({ ...siteSamples.active, configuration })
const variables = { THEME: { default: 'light' }, LOGO: {} }
const shop = { ...blueprint, variables }

describe('the launch of a site', () => {
  it('hands over the size of its plan, its secrets, its id and the key that it may believe', async () => {
    expect(await launchOf(portsWith(blueprint), siteSamples.active)).toEqual({
      siteId: id,
      cell: 'local',
      generation: 1,
      blueprint,
      size,
      plan: siteSamples.active.plan,
      interruptible: true,
      secrets: { SESSION_KEY: `SESSION_KEY of ${id}`, SHARED: `SHARED of ${id}` },
      environment: { SITEWRIGHT_SITE_ID: id, SITEWRIGHT_ROOT_KEY: 'the root key' },
    })
  })

  it('of a rehearsal has the secrets of its original, and no way out', async () => {
    const siteId = 'site_01jq3v5k8m0000000000000099' as const
    const rehearsalOf = { siteId, target: {}, until: '2026-05-01T12:00:00.000Z' }
    const open = { ...blueprint, outbound: 'internet' as const }
    expect(await launchOf(portsWith(open), { ...siteSamples.active, rehearsalOf })).toMatchObject({
      siteId: siteSamples.active.id,
      blueprint: { outbound: 'none' },
      secrets: { SESSION_KEY: `SESSION_KEY of ${siteId}`, SHARED: `SHARED of ${siteId}` },
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
    const plan = { ...portsWith(late).plans.trial, environments: { count: 1, storageMiB: 64, outbound: false } }
    const environmentOf = { siteId: 'site_01jq3v5k8m0000000000000009', name: 'qa' } as const
    const ports = { ...portsWith(late), plans: planCatalogue([plan]) }
    expect((await launchOf(ports, { ...siteSamples.active, environmentOf })).facts).toMatchObject({
      'limit.storageMiB': '64',
    })
  })

  it('throws for an unpublished blueprint', async () => {
    await expect(launchOf(portsWith(undefined), siteSamples.active)).rejects.toMatchObject({ kind: 'BlueprintUnknown' })
    // Own software goes with its site.
    for (const site of [siteSamples.purged, siteSamples.failed]) {
      await expect(launchOf(portsWith(undefined), site)).rejects.toMatchObject({ kind: 'NotFound' })
    }
  })
})

describe('the launch of a site with a configuration', () => {
  it('has the values of that version, defaults, and generated secrets where none is set', async () => {
    const ports = await configured(shop, { variables: { LOGO: 'a.svg' }, secrets: { SHARED: 'set for it' } })
    expect(await launchOf(ports, withVersion(1))).toMatchObject({
      secrets: { SESSION_KEY: `SESSION_KEY of ${id}`, SHARED: 'set for it' },
      given: { SHARED: '1' },
      facts: { 'variable.THEME': 'light', 'variable.LOGO': 'a.svg' },
    })
    const without = await launchOf(ports, siteSamples.active)
    expect(without).not.toHaveProperty('given')
    expect(without.secrets['SHARED']).toBe(`SHARED of ${id}`)
  })

  it('ignores values for names that its blueprint does not have, or that Sitewright uses itself', async () => {
    const own = { ...shop, credentials: [{ name: 'SHARED', label: 'Administrator' }] }
    const ports = await configured(own, {
      variables: { OLD: 'x' },
      secrets: { SHARED: 'set for it', GONE: 'a secret' },
    })
    const { secrets, facts } = await launchOf(ports, withVersion(1))
    expect(secrets).toEqual({ SESSION_KEY: `SESSION_KEY of ${id}`, SHARED: `SHARED of ${id}` })
    expect(facts).toEqual({ 'variable.THEME': 'light', 'variable.LOGO': '' })
  })

  it('is refused without a version that the record names, or without a required value', async () => {
    const ports = await configured(shop, {})
    await expect(launchOf(ports, withVersion(2))).rejects.toMatchObject({ kind: 'LaunchFailed' })
    const strict = { ...shop, variables: { ...variables, SHARED: { secret: true, required: true } as const } }
    await expect(launchOf(await configured(strict, {}), withVersion(1))).rejects.toMatchObject({
      kind: 'LaunchFailed',
      message: expect.stringContaining('secrets.SHARED needs a value'),
    })
    const set = await configured(strict, { secrets: { SHARED: 'set for it' } })
    expect((await launchOf(set, withVersion(1))).secrets['SHARED']).toBe('set for it')
  })

  it('hides set and generated secrets, those of all versions, and each of their lines', async () => {
    const ports = await configured(
      shop,
      { secrets: { SHARED: 'the oldest one' } },
      { secrets: { SHARED: 'the former one' } },
      { secrets: { SHARED: 'line one\nline two' } },
    )
    expect(new Set(await hiddenValues(ports, siteSamples.active, shop))).toEqual(
      new Set([
        ...['the oldest one', 'the former one', 'line one\nline two', 'line one', 'line two'],
        ...[`SESSION_KEY of ${id}`, `SHARED of ${id}`],
      ]),
    )
  })

  it('hides the password with which the source of a clone was handed over', async () => {
    const handedOver = { ...shop, handOver: { hook: { path: '/owner' } } }
    const production = 'site_01jq3v5k8m0000000000000009'
    const dataSecrets = { SESSION_KEY: production, [oneTimePassword]: production } as const
    const clone = { ...siteSamples.active, environmentOf: { siteId: production, name: 'qa', dataSecrets } } as const
    const hidden = await hiddenValues(await configured(handedOver), clone, handedOver)
    expect(hidden).toEqual(
      expect.arrayContaining([`SESSION_KEY of ${production}`, `${oneTimePassword} of ${production}`]),
    )
  })

  it('hides the secrets of a version whose upgrade failed', async () => {
    const { name, version } = siteSamples.active.blueprint
    const containers = blueprint.containers.map((one) => ({ ...one, secrets: ['OF_THE_NEXT'] }))
    const next = { ...blueprint, version: version + 1, containers }
    const ports = {
      ...portsWith(undefined),
      blueprints: {
        get: async (...wanted: [string, number]) => (`${wanted}` === `${[name, next.version]}` ? next : undefined),
        status: async () => undefined,
      },
    }
    const failedUpgrade = { to: next.version, because: 'LaunchFailed', at: '2026-03-01T09:30:00.000Z' }
    const { failedUpgrade: _, ...site } = siteSamples.active
    const hidden = `OF_THE_NEXT of ${id}`
    expect(await hiddenValues(ports, { ...site, failedUpgrade }, blueprint)).toContain(hidden)
    expect(await hiddenValues(ports, site, blueprint)).not.toContain(hidden)
  })
})
