import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SitewrightError } from '../../../../core/errors.ts'
import { toInstant } from '../../../../core/instant.ts'
import type { Observation, SiteRuntime, SiteStorage } from '../../../../core/ports/runtime.ts'
import type { BuildingSite } from '../../../../core/site/site.ts'
import { checkReady } from '../../../../lambdas/sites/build/check-ready.ts'
import { failSite, removeFailedSite } from '../../../../lambdas/sites/build/fail-site.ts'
import { openSite, prepareStorage, startSite } from '../../../../lambdas/sites/build/provision-site.ts'
import { createSite } from '../../../../lambdas/sites/claim/create-site.ts'
import { buildForPool, requestForPool, requestPreparedForPool } from '../../../support/build-for-pool.ts'
import { plainSecrets } from '../../../support/plain-secrets.ts'
import { openProvisioning, type Provisioning } from '../../../support/provisioning.ts'

const endpoint = { host: '127.0.0.1', port: 41_000 }
let stage: Provisioning
let site: BuildingSite
let ports: Parameters<typeof startSite>[0] &
  Parameters<typeof checkReady>[0] &
  Parameters<typeof openSite>[0] &
  Parameters<typeof failSite>[0] & { readonly runtime: SiteRuntime; readonly storage: SiteStorage }
let calls: string[]
let isUp: boolean
let ends: number
let seen: Observation | undefined

beforeEach(async () => {
  stage = await openProvisioning()
  site = await requestForPool(stage)
  calls = []
  isUp = true
  ends = 0
  seen = undefined
  const called = (name: string) => async () => {
    calls.push(name)
  }
  ports = {
    ...stage.ports,
    ...plainSecrets(async () => 'secret'),
    rootPublicKey: 'key',
    siteUrl: (hostname) => `https://${hostname}`,
    placementSeconds: 0,
    storage: { prepare: called('prepare'), remove: called('delete'), list: async () => [] },
    runtime: {
      start: called('start'),
      locate: async () => endpoint,
      remove: called('remove'),
      list: async () => [],
      countEnds: async () => ends,
      observe: async () => seen,
    },
    probe: {
      isHealthy: async (_endpoint, { healthPath }) => isUp && healthPath === '/healthz',
      ask: async () => ({ failure: 'refused' }),
      meets: async () => false,
    },
  }
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
})

const attempt = (fence = 1) => ({ siteId: site.id, fence })
const current = () => stage.ports.sites.get(site.id)
const steps = async () => (await current())?.completedSteps.map(({ name }) => name)

const tasks = () =>
  [
    ['prepareStorage', () => prepareStorage(ports, attempt())],
    ['startSite', () => startSite(ports, attempt())],
    ['checkReady', () => checkReady(ports, attempt())],
    ['openSite', () => openSite({ ...ports, policies: stage.ports.policies }, attempt())],
  ] as const

describe('starting a site whose image is not available', () => {
  const unavailable = new SitewrightError('BlueprintUnavailable', 'pulling it: unauthorized')
  const imageFailure = async () => (await stage.ports.blueprints.status('welcome'))?.imageFailure

  it('notes why, until a site opens', async () => {
    const refusing = { ...ports.runtime, start: () => Promise.reject(unavailable) }
    await expect(startSite({ ...ports, runtime: refusing }, { siteId: site.id, fence: 1 })).rejects.toBe(unavailable)
    expect(await imageFailure()).toMatchObject({
      version: 1,
      cause: 'credentials-needed',
      detail: 'pulling it: unauthorized',
    })
    const attempt = { siteId: site.id, fence: 1 }
    await prepareStorage(ports, attempt)
    await startSite(ports, attempt)
    await checkReady(ports, attempt)
    expect(await imageFailure()).toBeDefined()
    await openSite(ports, attempt)
    expect(await imageFailure()).toBeUndefined()
  })

  it('notes what ECS says of an image, and blames no draft for it', async () => {
    const reason = 'CannotPullContainerError: failed to resolve ref example/shop:1: not found'
    seen = { containers: [{ name: 'web', isRunning: false, ends: 3, lastEnd: { reason }, lines: [] }] }
    await failSite(ports, { siteId: site.id, fence: 1 }, 'LaunchFailed')
    expect(await imageFailure()).toMatchObject({ version: 1, cause: 'image-not-found', detail: `'web': ${reason}` })
  })

  it('notes nothing of other failures', async () => {
    const failing = { ...ports.runtime, start: () => Promise.reject(new SitewrightError('LaunchFailed', 'denied')) }
    await expect(startSite({ ...ports, runtime: failing }, { siteId: site.id, fence: 1 })).rejects.toThrow('denied')
    expect(await imageFailure()).toBeUndefined()
  })
})

describe('the tasks of a build', () => {
  it('lead from a request to a site in the pool, noting each step', async () => {
    for (const [, run] of tasks()) await run()
    expect(await current()).toMatchObject({ status: 'ready', endpoint })
    expect(await steps()).toEqual(['storage', 'start', 'ready', 'open'])
    expect(calls).toEqual(['prepare', 'start'])
  })

  it('may each run twice: the second time changes nothing', async () => {
    for (const [, run] of tasks()) {
      await run()
      const after = await current()
      await run()
      expect(await current()).toEqual(after)
    }
  })

  it('may each run twice at the same moment: one of them succeeds, and the other at most asks to be repeated', async () => {
    for (const [, run] of tasks()) {
      const results = await Promise.allSettled([run(), run()])
      expect(results.some(({ status }) => status === 'fulfilled')).toBe(true)
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ kind: 'VersionConflict' })
      }
    }
    expect(await steps()).toEqual(['storage', 'start', 'ready', 'open'])
  })

  it('touch nothing where a later attempt took over', async () => {
    for (const fence of [0, 2]) {
      const delayed = [
        () => prepareStorage(ports, attempt(fence)),
        () => startSite(ports, attempt(fence)),
        () => checkReady(ports, attempt(fence)),
        () => failSite(ports, attempt(fence), 'LaunchFailed'),
        () => openSite({ ...ports, policies: stage.ports.policies }, attempt(fence)),
      ]
      for (const run of delayed) await expect(run()).rejects.toMatchObject({ name: 'OperationSuperseded' })
    }
    expect(calls).toEqual([])
    expect(await current()).toEqual(site)
  })

  it('do nothing for a site that does not exist', async () => {
    const unknown = { siteId: stage.ports.randomness.id('site'), fence: 1 }
    await expect(prepareStorage(ports, unknown)).rejects.toMatchObject({ name: 'NotFound' })
    expect(calls).toEqual([])
  })
})

describe('checking whether a site answers', () => {
  beforeEach(async () => {
    await startSite(ports, attempt())
    isUp = false
  })

  it('throws SiteNotReady until its time is up', async () => {
    await expect(checkReady(ports, attempt())).rejects.toMatchObject({ name: 'SiteNotReady' })
    stage.ports.clocks.pass(30_000)
    await expect(checkReady(ports, attempt())).rejects.toMatchObject({ name: 'SiteNotReady' })
    stage.ports.clocks.pass(1)
    await expect(checkReady(ports, attempt())).rejects.toMatchObject({ name: 'LaunchFailed' })
  })

  it('gives a platform that has to find a place the time for it besides', async () => {
    const placed = { ...ports, placementSeconds: 100 }
    stage.ports.clocks.pass(130_000)
    await expect(checkReady(placed, attempt())).rejects.toMatchObject({ name: 'SiteNotReady' })
    stage.ports.clocks.pass(1)
    await expect(checkReady(placed, attempt())).rejects.toMatchObject({ name: 'LaunchFailed' })
  })

  it('times a start from its first launch, also when the launch is repeated', async () => {
    stage.ports.clocks.pass(20_000)
    await startSite(ports, attempt())
    stage.ports.clocks.pass(20_000)
    await expect(checkReady(ports, attempt())).rejects.toMatchObject({ name: 'LaunchFailed' })
  })

  it('throws LaunchFailed at once when a container ends a third time', async () => {
    ends = 2
    await expect(checkReady(ports, attempt())).rejects.toMatchObject({ name: 'SiteNotReady' })
    ends = 3
    await expect(checkReady(ports, attempt())).rejects.toMatchObject({ name: 'LaunchFailed' })
    isUp = true
    await expect(checkReady(ports, attempt())).resolves.toBeUndefined()
  })

  it('believes a site that answers, however late', async () => {
    stage.ports.clocks.pass(60_000)
    isUp = true
    await expect(checkReady(ports, attempt())).resolves.toBeUndefined()
  })
})

describe('the build of a site that starts at its claim', () => {
  beforeEach(async () => {
    site = await requestPreparedForPool(stage, 2)
    ports = {
      ...ports,
      runtime: {
        ...ports.runtime,
        prepare: async ({ facts }) => {
          calls.push(`prepare for ${facts?.['SITE_URL']}`)
        },
        start: async ({ facts }) => {
          calls.push(`start for ${facts?.['SITE_URL']}`)
        },
      },
    }
    isUp = false
    for (const [, run] of tasks()) await run()
  })

  it('prepares it and starts nothing, and the pool has it without an address', async () => {
    expect(calls).toEqual(['prepare', 'prepare for '])
    const ready = await current()
    expect(ready).toMatchObject({ status: 'ready', startsAtClaim: true })
    expect(ready).not.toHaveProperty('endpoint')
    const found = await stage.ports.sites.findReady({ cell: 'local', blueprint: 'welcome' }, 1)
    expect(found).toEqual([ready])
  })

  it('starts it with its URL once it is claimed', async () => {
    await createSite(stage.ports, stage.requestOf('harbour'))
    isUp = true
    for (const [, run] of tasks()) await run()
    expect(calls.slice(2)).toEqual(['prepare', 'start for https://harbour.sites.example.com'])
    expect(await current()).toMatchObject({ status: 'active', endpoint, ownership: { slug: 'harbour' } })
    expect(await current()).not.toHaveProperty('startsAtClaim')
  })

  it('leaves it failed where it does not start, and the hostname free', async () => {
    await createSite(stage.ports, stage.requestOf('harbour'))
    await failSite(ports, attempt(), 'LaunchFailed')
    expect(await current()).toMatchObject({ status: 'failed', failure: { step: 'start' } })
    expect(await stage.ports.sites.isHostnameHeld('harbour.sites.example.com')).toBe(false)
  })
})

describe('a launch that fails', () => {
  it('is not noted as done', async () => {
    ports = {
      ...ports,
      runtime: {
        ...ports.runtime,
        start: async () => {
          throw new SitewrightError('RuntimeUnavailable', 'away')
        },
      },
    }
    await expect(startSite(ports, attempt())).rejects.toMatchObject({ name: 'RuntimeUnavailable' })
    expect(await steps()).toEqual([])
  })
})

describe('failing a site', () => {
  it('frees the hostname and gives the trial back, at once and once', async () => {
    const { accountId } = stage
    const owned = await createSite(stage.ports, stage.requestOf('harbour', { accountId }))
    const failing = { siteId: owned.id, fence: 1 }
    await failSite(ports, failing, 'LaunchFailed')
    const again = await createSite(stage.ports, stage.requestOf('harbour', { accountId }))
    // A repeated task must not release what the account holds by now.
    await failSite(ports, failing, 'LaunchFailed')
    expect(await stage.ports.sites.findByHostname('harbour.sites.example.com')).toEqual(again)
    await expect(createSite(stage.ports, stage.requestOf('meadow', { accountId }))).rejects.toMatchObject({
      kind: 'TrialAlreadyUsed',
    })
  })

  it('turns away every task that comes after', async () => {
    await failSite(ports, attempt(), 'LaunchFailed')
    for (const [, run] of tasks()) await expect(run()).rejects.toMatchObject({ name: 'OperationSuperseded' })
    expect(calls).toEqual([])
  })
})

describe('the evidence of a failure', () => {
  const web = {
    name: 'web',
    isRunning: false,
    ends: 3,
    lastEnd: { exitCode: 3 },
    lines: ['key is secret-value', 'bye'],
  }
  const failures = () => stage.ports.evidence.list(site.id)

  beforeEach(async () => {
    await prepareStorage(ports, attempt())
    await startSite(ports, attempt())
    seen = { containers: [web], port: 20_001, listeners: [] }
  })

  it('is kept with its cause before the failure is recorded, and the owner gets plain words', async () => {
    await failSite(ports, attempt(), 'LaunchFailed')
    expect(await current()).toMatchObject({
      status: 'failed',
      failure: { step: 'ready', reason: 'It ended again and again after its start.' },
    })
    const evidence = { during: 'build', error: 'LaunchFailed', cause: 'crash', healthAnswer: { failure: 'refused' } }
    expect(await failures()).toMatchObject([{ siteId: site.id, ...evidence, observation: seen }])
  })

  it('is kept once for each attempt, and of the last ten', async () => {
    const kept = {
      schemaVersion: 1,
      siteId: site.id,
      during: 'build',
      error: 'x',
      cause: 'unknown',
      detail: 'x',
    } as const
    const { blueprint } = site
    for (let index = 10; index < 30; index += 1) {
      const failure = { ...kept, blueprint, id: `a-${index % 15}`, at: toInstant(new Date(Date.UTC(2026, 0, index))) }
      await stage.ports.evidence.keep(failure)
    }
    const ids = (await failures()).map(({ id }) => id)
    expect(ids).toEqual([14, 13, 12, 11, 10, 9, 8, 7, 6, 5].map((index) => `a-${index}`))
  })

  it('stops no failure where nothing can be observed', async () => {
    const away = { ...ports.runtime, observe: async () => Promise.reject(new Error('away')) }
    await failSite({ ...ports, runtime: away }, attempt(), 'LaunchFailed')
    expect(await current()).toMatchObject({ failure: { reason: 'It started, but did not answer in time.' } })
    expect(await failures()).toEqual([])
  })
})

describe('removing a failed site', () => {
  it('ends its containers before it deletes its data', async () => {
    await failSite(ports, attempt(), 'LaunchFailed')
    await removeFailedSite(ports, { siteId: site.id })
    expect(calls).toEqual(['remove', 'delete'])
  })

  it('touches nothing where the site did not fail', async () => {
    const ready = await buildForPool(stage)
    for (const id of [site.id, ready.id, stage.ports.randomness.id('site')]) {
      await expect(removeFailedSite(ports, { siteId: id })).rejects.toMatchObject({ name: 'OperationSuperseded' })
    }
    expect(calls).toEqual([])
  })
})
