import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Observation } from '../../../core/ports/runtime.ts'
import type { BuildingSite, Site } from '../../../core/site/site.ts'
import { noteImageFailure, submitBlueprint } from '../../../lambdas/blueprints/change-status.ts'
import { checkReady } from '../../../lambdas/sites/build/check-ready.ts'
import { failSite } from '../../../lambdas/sites/build/fail-site.ts'
import { openSite, prepareStorage, startSite } from '../../../lambdas/sites/build/provision-site.ts'
import { createSite } from '../../../lambdas/sites/claim/create-site.ts'
import { fillPool } from '../../../lambdas/sites/pool/fill-pool.ts'
import { buildForPool } from '../../support/build-for-pool.ts'
import { plainSecrets } from '../../support/plain-secrets.ts'
import { openProvisioning, type Provisioning, welcome, welcomeThatNeedsItsUrl } from '../../support/provisioning.ts'

let stage: Provisioning
let seen: Observation | undefined

beforeEach(async () => {
  stage = await openProvisioning()
  seen = undefined
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
})

const endpoint = { host: '127.0.0.1', port: 41_000 }
const launched: string[] = []

const portsOf = () => ({
  ...stage.ports,
  ...plainSecrets(async () => 'secret'),
  rootPublicKey: 'key',
  siteUrl: (hostname: string) => `https://${hostname}`,
  placementSeconds: 0,
  storage: { prepare: async () => undefined },
  runtime: {
    start: async ({ facts }: { facts?: Readonly<Record<string, string>> }) =>
      void launched.push(facts?.['SITE_URL'] ?? ''),
    locate: async () => endpoint,
    countEnds: async () => 0,
    observe: async () => seen,
  },
  probe: { isHealthy: async () => true, ask: async () => ({ failure: 'unknown' as const }), meets: async () => true },
})

const buildUp = async ({ id }: Pick<Site, 'id'>): Promise<void> => {
  const attempt = { siteId: id, fence: 1 }
  await prepareStorage(portsOf(), attempt)
  await startSite(portsOf(), attempt)
  await checkReady(portsOf(), attempt)
  await openSite(portsOf(), attempt)
  // A repeated task.
  await openSite(portsOf(), attempt)
}

const fail = ({ id }: Pick<Site, 'id'>, error = 'LaunchFailed') => failSite(portsOf(), { siteId: id, fence: 1 }, error)

const crashed: Observation = {
  containers: [{ name: 'web', isRunning: false, ends: 3, lastEnd: { exitCode: 1 }, lines: [] }],
}

const listeningNowhere: Observation = {
  containers: [{ name: 'web', isRunning: true, ends: 0, lines: [] }],
  port: 4000,
  listeners: [],
}

const submit = (blueprint: ReturnType<typeof welcome>, again = false) =>
  submitBlueprint({ ...stage.ports, plans: stage.ports.plans.plans }, blueprint, { again })

const fill = () => fillPool(stage.ports, 'tick')
const draftOf = async (name = 'welcome') => (await stage.ports.blueprints.status(name))?.draft
const currentVersion = async () => (await stage.ports.blueprints.latest('welcome'))?.version
const ofDraft = async (): Promise<readonly BuildingSite[]> =>
  (await stage.listed('building')).flatMap((site) =>
    site.status === 'building' && site.draft !== undefined ? [site] : [],
  )
const trial = async (): Promise<BuildingSite> => {
  const [site] = await ofDraft()
  if (site === undefined) throw new Error('no site of a draft is being built')
  return site
}

describe('a new version', () => {
  beforeEach(async () => {
    for (let built = 0; built < 3; built += 1) await buildForPool(stage)
    expect(await submit(welcome(2))).toBe('draft')
  })

  it('is a draft until a site was built from it; new sites get the version before', async () => {
    await fill()
    await fill()
    expect(await ofDraft()).toMatchObject([{ blueprint: { version: 2 }, draft: 1 }])
    expect(await createSite(stage.ports, stage.requestOf('harbour'))).toMatchObject({ blueprint: { version: 1 } })
    expect(await currentVersion()).toBe(1)

    const site = await trial()
    await buildUp(site)
    expect(await currentVersion()).toBe(2)
    expect(await draftOf()).toMatchObject({ state: 'current' })
    const ready = await stage.ports.sites.get(site.id)
    expect(ready).toMatchObject({ status: 'ready' })
    expect(ready).not.toHaveProperty('draft')
    expect(await createSite(stage.ports, stage.requestOf('meadow'))).toMatchObject({
      id: site.id,
      blueprint: { version: 2 },
    })
    expect(await submit(welcome(2))).toBe('current')
  })

  it('that fails for a known cause is not tried again until it changes, and costs no version', async () => {
    await fill()
    seen = crashed
    await fail(await trial())
    expect(await draftOf()).toMatchObject({ state: 'failed', failure: { cause: 'crash' } })
    expect(stage.ports.log.lines.filter(({ fields }) => fields['event'] === 'blueprint-draft-failed')).toMatchObject([
      { level: 'error', fields: { blueprint: 'welcome', version: 2, cause: 'crash' } },
    ])
    await submit(welcome(2))
    stage.ports.clocks.pass(3_600_000)
    await fill()
    expect(await ofDraft()).toEqual([])
    expect(await currentVersion()).toBe(1)

    const corrected = { ...welcome(2), title: 'Corrected' }
    expect(await submit(corrected)).toBe('draft')
    await fill()
    await buildUp(await trial())
    expect(await stage.ports.blueprints.latest('welcome')).toEqual(corrected)
  })

  it('is tried again as it is if an operator asks for it', async () => {
    await fill()
    seen = crashed
    await fail(await trial())
    await submit(welcome(2), true)
    await fill()
    expect(await trial()).toMatchObject({ draft: 2 })
  })

  it.each([
    ['nobody knows the cause', undefined],
    ['it listened nowhere', listeningNowhere],
  ])('fails after three builds if %s, with pauses between them', async (_, sight) => {
    seen = sight
    for (const state of ['trying', 'trying', 'failed']) {
      await fill()
      const site = await trial()
      await startSite(portsOf(), { siteId: site.id, fence: 1 })
      await fail(site)
      expect(await draftOf()).toMatchObject({ state })
      await fill()
      expect(await ofDraft()).toEqual([])
      stage.ports.clocks.pass(300_000)
    }
  })

  it('fails at once if the runtime refuses to start it', async () => {
    await fill()
    await fail(await trial())
    expect(await draftOf()).toMatchObject({ state: 'failed', failure: { cause: 'unknown' } })
  })

  it.each(['RuntimeUnavailable', 'States.Timeout', 'BlueprintUnavailable'])('is not at fault for %s', async (error) => {
    await fill()
    seen = crashed
    await fail(await trial(), error)
    expect(await draftOf()).toMatchObject({ state: 'trying', failures: 0 })
  })

  it('counts a repeated report of a failure once', async () => {
    await fill()
    const site = await trial()
    const ports = {
      ...portsOf(),
      sites: { ...stage.ports.sites, commit: async () => ({ done: false, obstacle: 'version' }) as const },
    }
    await expect(failSite(ports, { siteId: site.id, fence: 1 }, 'LaunchFailed')).rejects.toThrow(
      'changed at the same time',
    )
    await fail(site)
    expect(await draftOf()).toMatchObject({ failures: 1 })
  })

  it('is not proved by a site of content that was replaced meanwhile', async () => {
    await fill()
    const old = await trial()
    const attempt = { siteId: old.id, fence: 1 }
    await startSite(portsOf(), attempt)
    const corrected = { ...welcome(2), title: 'Corrected' }
    await submit(corrected)
    await expect(checkReady(portsOf(), attempt)).rejects.toMatchObject({ kind: 'BlueprintUnknown' })
    await expect(openSite(portsOf(), attempt)).rejects.toMatchObject({ kind: 'BlueprintUnknown' })
    seen = crashed
    await fail(old)
    expect(await draftOf()).toMatchObject({ state: 'trying', failures: 0, revision: 2 })
    await fill()
    expect(await trial()).toMatchObject({ draft: 2 })
  })

  it('waits while its image is not available', async () => {
    await noteImageFailure(stage.ports, { name: 'welcome', version: 2 }, 'manifest unknown')
    await fill()
    expect(await ofDraft()).toEqual([])
  })

  it('is older than the current one where that was published in another way', async () => {
    await stage.ports.blueprints.publish(welcome(3))
    await fill()
    expect(await ofDraft()).toEqual([])
    expect(await submit(welcome(2))).toBe('older')
  })

  it('that needs its URL is proved by a site that nobody gets', async () => {
    await submit(welcomeThatNeedsItsUrl(2))
    await fill()
    const site = await trial()
    expect(site.startsAtClaim).toBeUndefined()
    await buildUp(site)
    expect(launched.at(-1)).toMatch(/^https:\/\/site-.*\.invalid$/)
    expect(await currentVersion()).toBe(2)
    expect(await stage.ports.sites.get(site.id)).toMatchObject({ status: 'purged' })
    await fill()
    const prepared = await stage.listed('building')
    expect(prepared.map(({ status, ...site }) => 'startsAtClaim' in site && site.startsAtClaim)).toEqual([true, true])
  })
})

describe('the first version', () => {
  const first = { ...welcome(1), name: 'shop' }
  const shop = () => ({ ...stage.ports, offeredBlueprints: ['shop'] as const })

  it('fills the pool before it is current, and is built for a visitor', async () => {
    await submit(first)
    await fillPool(shop(), 'tick')
    expect(await ofDraft()).toHaveLength(2)
    const own = await createSite(shop(), stage.requestOf('harbour'))
    expect(own).toMatchObject({ status: 'building', draft: 1 })
    await buildUp(own)
    expect(await stage.ports.sites.get(own.id)).toMatchObject({ status: 'active' })
    expect(await stage.ports.blueprints.latest('shop')).toEqual(first)
  })

  it('that failed is refused to visitors, and the pool logs nothing more', async () => {
    await submit(first)
    const own = await createSite(shop(), stage.requestOf('harbour'))
    seen = crashed
    await fail(own)
    await expect(createSite(shop(), stage.requestOf('meadow'))).rejects.toMatchObject({ kind: 'BlueprintUnavailable' })
    const lines = stage.ports.log.lines.length
    await fillPool(shop(), 'tick')
    expect(await stage.listed('building')).toEqual([])
    expect(stage.ports.log.lines).toHaveLength(lines)
  })
})

describe('a blueprint that is not on offer', () => {
  const acme = (version: number) => ({ ...welcome(version), name: 'acme' })

  // Builds for visitors come first.
  beforeEach(async () => {
    for (let built = 0; built < 3; built += 1) await buildForPool(stage)
  })

  it('is proved by one site that nobody gets, in each version, and has no pool', async () => {
    await submit(acme(1))
    await fill()
    await fill()
    const own = async () => (await ofDraft()).filter(({ blueprint }) => blueprint.name === 'acme')
    expect(await own()).toMatchObject([{ plan: 'trial', draft: 1 }])
    const [first] = await own()
    await buildUp(first!)
    expect(await stage.ports.blueprints.latest('acme')).toEqual(acme(1))
    expect(await stage.ports.sites.get(first!.id)).toMatchObject({ status: 'purged' })
    await fill()
    expect(await own()).toEqual([])

    await submit(acme(2))
    await fill()
    expect(await own()).toMatchObject([{ blueprint: { version: 2 }, draft: 2 }])
    await expect(createSite(stage.ports, stage.requestOf('harbour', { blueprint: 'acme' }))).rejects.toThrow('acme')
  })

  it('is proved with the first of its plans, whose size it needs', async () => {
    await submit({ ...acme(1), plans: ['growth'], needs: { memoryMiB: 512 } })
    await fill()
    const site = (await ofDraft()).find(({ blueprint }) => blueprint.name === 'acme')
    expect(site?.plan).toBe('growth')
  })

  it('that fails is not built again until it changes', async () => {
    await submit(acme(1))
    await fill()
    seen = crashed
    await fail(await trial())
    expect(await draftOf('acme')).toMatchObject({ state: 'failed', failure: { cause: 'crash' } })
    stage.ports.clocks.pass(3_600_000)
    await fill()
    expect(await ofDraft()).toEqual([])
  })
})

it('refuses other content for a published version, and mistakes', async () => {
  await expect(submit({ ...welcome(1), title: 'Other' })).rejects.toThrow('its content never changes')
  const [container] = welcome(2).containers
  const wrong = { ...welcome(2), containers: [{ ...container!, environment: { LISTEN: '${PROT}' } }] }
  await expect(submit(wrong)).rejects.toThrow('there is no ${PROT}')
  expect(await draftOf()).toBeUndefined()
})
