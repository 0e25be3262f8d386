import { describe, expect, it } from 'vitest'
import { blueprintSchema } from '../../../core/blueprint/blueprint.ts'
import type { SiteId } from '../../../core/ids.ts'
import { plusMilliseconds } from '../../../core/instant.ts'
import { siteChange } from '../../../core/site/lifecycle.ts'
import type { ActiveSite, Site } from '../../../core/site/site.ts'
import { type Deployment, ownBlueprint } from '../../../lambdas/deployments/deployment.ts'
import { explainSite } from '../../../lambdas/deployments/explain-view.ts'
import { historySchema } from '../../../lambdas/http/past-answers.ts'
import { leaveFormer, makeWay, moveSite } from '../../../lambdas/releases/swap/swap-site.ts'
import { noUsage } from '../../../lambdas/reports/usage/usage.ts'
import { changeAddress } from '../../../lambdas/sites/run/run-changes.ts'
import { sealedSecrets } from '../../support/plain-secrets.ts'
import { welcome } from '../../support/provisioning.ts'
import { attemptAt, reclaimScene } from '../../support/reclaim-scene.ts'
import { unlimited } from '../../support/signing-up.ts'
import { openApiStage } from '../api-stage.ts'
import { signIn } from '../sign-in.ts'
import { giveOwnSite } from './own-site.ts'

const minutes = (count: number) => count * 60_000

/** A site for software of its owner, which runs. */
const openScene = async () => {
  const stage = await openApiStage(() => ({ abuse: unlimited }))
  const { accountId, headers, staff, id, sites, active } = await giveOwnSite(stage)
  const explain = async (query: Readonly<Record<string, string>> = {}, as = headers) => {
    const { status, json, text } = await stage.send({ path: `/v1/sites/${id}/explanation`, headers: as, query })
    return { status, json, text, entries: (json['entries'] ?? []) as { at: string; kind: string; text: string }[] }
  }
  const owner = (await stage.store.accounts.get(accountId))!.ownerId
  return {
    stage,
    headers,
    staff,
    sites,
    owner,
    id,
    active,
    explain,
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  }
}

const deploymentOf = (id: SiteId, at: string, more: Partial<Deployment> = {}): Deployment => ({
  schemaVersion: 1,
  id: `dpl_${'0'.repeat(26)}`,
  siteId: id,
  version: 1,
  status: 'went-back',
  at,
  actor: { kind: 'owner', personId: `prsn_${'0'.repeat(26)}` },
  commit: 'abc123',
  images: {},
  file: {},
  blueprint: { ...welcome(1), name: ownBlueprint(id) },
  operationId: `upgrade-site-${id}-9`,
  cause: 'It did not answer.',
  lines: ['[web] Error: boom'],
  endedAt: plusMilliseconds(at, minutes(1)),
  ...more,
})

it('merges deployments, restarts, failures with their lines, and errors, oldest first', async () => {
  await using scene = await openScene()
  const { stage, sites, id, active, explain } = scene
  const opened = stage.now()
  stage.turnClock(minutes(100))
  const deployedAt = stage.now()
  await stage.store.deployments.add(deploymentOf(id, deployedAt))
  const failure = {
    ...{ schemaVersion: 1 as const, siteId: id, at: deployedAt, during: 'wake' as const, error: 'LaunchFailed' },
    ...{ cause: 'crash' as const, detail: "'web' ended.", blueprint: { name: ownBlueprint(id), version: 1 } },
    observation: { containers: [{ name: 'web', isRunning: false, ends: 1, lines: ['no such table'] }] },
  }
  await stage.store.evidence.keep({ ...failure, id: 'wake-1' })
  // That of the deployment is told with it, and that of other software is none of its owner's business.
  await stage.store.evidence.keep({ ...failure, id: `upgrade-site-${id}-9-1` })
  await stage.store.evidence.keep({ ...failure, id: `upgrade-site-${id}-90-1`, detail: "'db' ended." })
  await stage.store.evidence.keep({ ...failure, id: 'wake-2', blueprint: { name: 'welcome', version: 1 } })
  stage.turnClock(minutes(2))
  const lost = changeAddress(active, undefined, sites.context)
  const found = changeAddress(
    (await sites.commit<Site>(lost!)) as ActiveSite,
    { host: '127.0.0.1', port: 2 },
    sites.context,
  )
  await sites.commit<Site>(found!)
  const usage = { ...noUsage(), requests: 10, serverErrors: 3 }
  await stage.store.usage.addToHour({ siteId: id, usage, at: stage.now() })

  const { status, json, text, entries } = await explain()
  expect(status, text).toBe(200)
  expect(json).toMatchObject({
    isComplete: true,
    now: stage.now(),
    before: { at: opened, status: 'active', version: null },
  })
  expect(entries.map(({ kind }) => kind)).toEqual([
    ...['errors', 'deployment', 'failure', 'failure', 'failure', 'restart'],
  ])
  expect(entries[0]).toMatchObject({ text: 'In the hour from here, 3 of 10 requests failed' })
  expect(entries[1]).toMatchObject({
    at: deployedAt,
    text: 'Deployment of version 1 began, commit abc123',
    by: 'owner',
    person: null,
  })
  expect(entries[2]).toMatchObject({ text: "It did not wake: 'web' ended.", lines: ['[web] no such table'] })
  // An operation of another number that begins with the same digits.
  expect(entries[3]).toMatchObject({ text: expect.stringContaining("'db' ended.") })
  expect(entries[4]).toMatchObject({
    text: 'Version 1 did not work, and the site runs as before: It did not answer.',
    lines: ['[web] Error: boom'],
  })
  expect(entries.map(({ at }) => at)).toEqual(entries.map(({ at }) => at).toSorted())

  // Around another moment, something else happened.
  const earlier = await explain({ at: opened, minutes: '5' })
  expect(earlier.entries.map(({ kind }) => kind)).not.toContain('deployment')
  expect(earlier.entries.length).toBeGreaterThan(0)
})

it('tells of restarts of an environment, and what it was like before', async () => {
  await using scene = await openScene()
  const { stage, sites, id, active } = scene
  stage.turnClock(minutes(100))
  const at = stage.now()
  const environmentOf = { siteId: `site_${'0'.repeat(26)}` as const, name: 'qa' }
  const environment = { ...active, version: active.version + 1, environmentOf }
  await sites.commit(siteChange({ transition: 'chooseSleep', before: active, after: environment }, sites.context))
  stage.turnClock(minutes(100))
  await sites.commit<Site>(changeAddress(environment, undefined, sites.context)!)
  expect((await stage.store.siteLists.pageOfEvents(id, { limit: 1 })).items[0]?.data).not.toHaveProperty('accountId')
  const ports = { ...stage.store, clocks: sites.context.clocks }
  const { before, entries } = await explainSite(ports, environment, active.ownership!.accountId, { minutes: 60 })
  expect(before).toMatchObject({ at, status: 'active' })
  expect(entries.map(({ kind }) => kind)).toEqual(['restart'])
})

describe('changes of variables and secrets', () => {
  /** A site of own software whose values are changed by the API, and started with them by its workflow. */
  const openValues = async () => {
    const scene = await openScene()
    const { stage, sites, id, active } = scene
    const { ports: around } = await reclaimScene()
    const [web] = welcome(1).containers
    const containers = [{ ...web!, secrets: ['KEY'], process: undefined }]
    const blueprint = blueprintSchema.parse({ ...welcome(1), name: ownBlueprint(id), containers })
    await stage.store.blueprints.publish(blueprint)
    const owned = { ...active, version: active.version + 1, blueprint: { name: blueprint.name, version: 1 } }
    const first = { transition: 'upgrade', before: active, after: owned, details: { previousVersion: 1 } } as const
    await sites.commit<Site>(siteChange(first, sites.context))
    const endpoint = { host: '127.0.0.1', port: 2 }
    const ports = {
      ...around,
      ...{ sites: stage.store.sites, blueprints: stage.store.blueprints, configurations: stage.store.configurations },
      ...{ clocks: sites.context.clocks, probe: { ...around.probe, isHealthy: async () => true } },
      runtime: { ...around.runtime, start: async () => undefined, locate: async () => endpoint },
      ...{ secretOpener: sealedSecrets, placementSeconds: 0 },
    }
    const change = async (path: string, headers: object, body: object) => {
      stage.turnClock(1000)
      const { status, text } = await stage.send({ method: 'POST', path, headers: { ...headers }, body })
      expect([200, 202], text).toContain(status)
      const attempt = attemptAt((await stage.store.sites.get(id))!)
      await makeWay(ports, attempt)
      await moveSite(ports, attempt)
      await leaveFormer(ports, attempt)
    }
    const told = async () => {
      const { json, text } = await scene.explain()
      const entries = (json['entries'] ?? []) as { kind: string; text: string; by: string; person: string | null }[]
      const changes = entries.filter(({ kind }) => kind === 'variables')
      return { text, changes: changes.map(({ text, by, person }) => [text, by, person]) }
    }
    return { ...scene, change, told }
  }

  it('say which names changed and who changed them, and no value', async () => {
    await using scene = await openValues()
    const { id, change, told, headers, staff, stage } = scene
    const path = `/v1/sites/${id}/configuration`
    await change(path, headers, { variables: { LOG_LEVEL: 'a-value' }, secrets: { KEY: 'a-secret-value' } })
    await change(path, headers, { variables: { LOG_LEVEL: null }, secrets: {} })
    // Operators change it too, and go back.
    const operators = `/v1/operator/sites/${id}/configuration`
    await change(operators, staff, { secrets: { KEY: null }, variables: {}, basedOn: 2, reason: 'Contract 4711' })
    await change(`${operators}/1/apply`, staff, { reason: 'as before' })
    await change(`${operators}/0/apply`, staff, { reason: 'The defaults' })
    const { text, changes } = await told()
    expect(changes).toEqual([
      ['Restarted with other values of LOG_LEVEL, KEY', 'owner', 'ada@example.com'],
      ['Restarted with other values of LOG_LEVEL', 'owner', 'ada@example.com'],
      ['Restarted with other values of KEY', 'staff', null],
      ['Restarted with version 1 of its variables and secrets', 'staff', null],
      ['Restarted without variables and secrets that people set', 'staff', null],
    ])
    for (const value of ['a-value', 'a-secret-value']) expect(text).not.toContain(value)
    const history = await stage.send({ path: `/v1/sites/${id}/history`, headers, query: { limit: '100' } })
    expect(historySchema.parse(history.json).entries.slice(0, 5)).toMatchObject([
      ...Array.from({ length: 3 }, () => ({ type: 'SiteUpgraded', about: 'configuration', by: 'staff' })),
      ...Array.from({ length: 2 }, () => ({ type: 'SiteUpgraded', about: 'configuration', by: 'owner' })),
    ])
  })
})

it('says who promoted and rolled back, what is live since then, and no version of the software before', async () => {
  await using scene = await openScene()
  const { stage, sites, owner, id, active, explain } = scene
  const actor = { kind: 'owner' as const, personId: owner }
  const commit = 'c'.repeat(40)
  const common = { status: 'live' as const, actor, commit, cause: undefined, lines: undefined }
  const named = (version: number, more: Partial<Deployment> = {}) => ({
    ...{ ...common, version, id: `dpl_${String(version).padStart(26, '0')}` as const, ...more },
    blueprint: { ...welcome(version), name: ownBlueprint(id) },
  })
  let site: ActiveSite = active
  const upgrade = async (version: number, details: object = {}) => {
    const previousVersion = site.blueprint.version
    const after = { ...site, version: site.version + 1, blueprint: { name: ownBlueprint(id), version } }
    const change = siteChange(
      { transition: 'upgrade', before: site, after, details: { previousVersion, ...details } },
      sites.context,
    )
    site = (await sites.commit<Site>(change)) as ActiveSite
    stage.turnClock(1000)
  }
  const deployments = [
    named(1),
    named(2, { promotedFrom: { name: 'qa', siteId: id, version: 1 } }),
    named(3, { back: { to: 1 }, configuration: 0 }),
    named(4, { back: { to: 2, archiveId: `arc_${'0'.repeat(26)}` } }),
  ]
  for (const one of deployments) {
    stage.turnClock(minutes(1))
    await stage.store.deployments.add(deploymentOf(id, stage.now(), one))
    stage.turnClock(1000)
    await upgrade(one.version, { ...(one.back && { configuration: 0 }) })
  }
  await upgrade(4, { restored: `arc_${'1'.repeat(26)}`, askedBy: 'operator' })
  const { json } = await explain()
  const entries = json['entries'] as { text: string; by: string; person: string | null }[]
  expect(entries.slice(-9).map(({ text, by, person }) => [text, by, person])).toEqual([
    ['Deployment of version 1 began, commit cccccccccccc', 'owner', 'ada@example.com'],
    ['Version 1 is live', 'system', null],
    ["Deployment of version 2 with what 'qa' runs began, commit cccccccccccc", 'owner', 'ada@example.com'],
    ['Version 2 is live', 'system', null],
    ['Rollback to version 1, as version 3, began, commit cccccccccccc', 'owner', 'ada@example.com'],
    ['Version 3 is live: what was version 1', 'system', null],
    [
      'Rollback to version 2, with the data from then, as version 4, began, commit cccccccccccc',
      'owner',
      'ada@example.com',
    ],
    ['Version 4 is live: what was version 2, with the data from then', 'system', null],
    ['Its data was replaced by that of a copy', 'staff', null],
  ])
  expect(JSON.stringify(entries)).not.toMatch(/pool|operation/i)
})

it('is bounded, and keeps what is nearest to the moment', async () => {
  await using scene = await openScene()
  const { stage, id, explain } = scene
  stage.turnClock(minutes(60))
  const now = stage.now()
  for (let version = 1; version <= 100; version += 1) {
    const at = plusMilliseconds(now, -version * 1000)
    const ids = {
      id: `dpl_${String(version).padStart(26, '0')}` as const,
      version,
      operationId: `upgrade-site-${id}-${version}`,
    }
    await stage.store.deployments.add(deploymentOf(id, at, { ...ids, endedAt: at }))
  }
  const { entries, json } = await explain()
  expect(entries).toHaveLength(200)
  expect(json['isComplete']).toBe(false)
  expect(entries.filter((entry) => 'lines' in entry)).toHaveLength(10)
  expect(entries.at(-1)).toMatchObject({ lines: ['[web] Error: boom'] })
})

it('refuses a moment to come by the clock of the server, one too long ago, and other accounts', async () => {
  await using scene = await openScene()
  const { stage, explain } = scene
  const later = await explain({ at: plusMilliseconds(stage.now(), 1000) })
  expect([later.status, later.text]).toEqual([400, expect.stringContaining(stage.now())])
  expect((await explain({ at: '0000-01-01T00:00:00Z' })).status).toBe(400)
  expect((await explain({ minutes: '100000' })).status).toBe(400)
  const eve = await signIn(stage, 'eve@example.com')
  expect((await explain({}, eve.headers)).status).toBe(404)
})
