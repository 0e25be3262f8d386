import { describe, expect, it } from 'vitest'
import { blueprintSchema } from '../../../core/blueprint/blueprint.ts'
import type { Launch } from '../../../core/ports/runtime.ts'
import type { KeptSite } from '../../../core/site/site.ts'
import {
  applyConfiguration,
  type ConfigurationChange,
  changeConfiguration,
} from '../../../lambdas/configuration/change-configuration.ts'
import { everySecretOf } from '../../../lambdas/configuration/read-configuration.ts'
import { createConfigurationStore } from '../../../lambdas/configuration/store.ts'
import { suspendSite } from '../../../lambdas/endings/end-site.ts'
import { removeRemains } from '../../../lambdas/endings/purge-site.ts'
import { failSwap } from '../../../lambdas/releases/swap/fail-swap.ts'
import { leaveFormer, makeWay, moveSite } from '../../../lambdas/releases/swap/swap-site.ts'
import { sealedSecrets } from '../../support/plain-secrets.ts'
import { welcome } from '../../support/provisioning.ts'
import { attemptAt } from '../../support/reclaim-scene.ts'
import { rolloutScene } from '../releases/rollout-scene.ts'

const secret = 'the key of the customer'

/** A site whose blueprint has a variable and secrets. */
const scene = async () => {
  const stage = await rolloutScene(0)
  const [web] = welcome(3).containers
  const blueprint = blueprintSchema.parse({
    ...welcome(3),
    containers: [{ ...web, variables: ['THEME'], secrets: ['KEY', 'OTHER'] }],
    variables: { THEME: { default: 'light', values: ['light', 'dark'] } },
  })
  await stage.store.blueprints.publish(blueprint)
  const { id } = await stage.open({ blueprint: { name: 'welcome', version: 3 } })
  const launches: Launch[] = []
  const ports = {
    ...stage.ports,
    secretSealer: sealedSecrets,
    configurations: createConfigurationStore({ client: stage.store.document, tables: stage.store.tables }),
    runtime: {
      ...stage.ports.runtime,
      start: async (launch: Launch) => {
        launches.push(launch)
        await stage.ports.runtime.start(launch)
      },
    },
  }
  const act = { siteId: id, actor: stage.operator('ada'), causationId: 'req_test' }
  const site = () => stage.get(id, 'active')
  return {
    ...stage,
    id,
    ports,
    act,
    launches,
    blueprint,
    site,
    change: (change: Partial<ConfigurationChange>) =>
      changeConfiguration(ports, act, { variables: {}, secrets: {}, reason: 'Contract 4711', basedOn: 0, ...change }),
    apply: (version: number) => applyConfiguration(ports, act, { version, reason: 'as before' }),
    move: async () => {
      const attempt = attemptAt(await site())
      await makeWay(ports, attempt)
      await moveSite(ports, attempt)
      await leaveFormer(ports, attempt)
    },
    fail: async () => failSwap(ports, attemptAt(await site()), 'LaunchFailed'),
  }
}

describe('a changed configuration', () => {
  it('is a version with who and why, and the site starts with it', async () => {
    const { change, ports, id, queue, move, launches, site } = await scene()
    const begun = await change({ variables: { THEME: 'dark' }, secrets: { KEY: secret } })
    expect(begun).toMatchObject({ operation: { kind: 'upgrade', target: { configuration: 1 } } })
    expect(queue).toMatchObject([{ machine: 'upgrade-site' }])
    await move()
    expect(await site()).toMatchObject({ configuration: 1, blueprint: { version: 3 } })
    expect(await site()).not.toHaveProperty('operation')
    expect(launches.at(-1)).toMatchObject({
      secrets: { KEY: secret, OTHER: 'a-secret' },
      given: { KEY: '1' },
      facts: { 'variable.THEME': 'dark' },
    })
    const [stored] = await ports.configurations.list(id)
    expect(stored).toMatchObject({
      version: 1,
      basedOn: 0,
      actor: { operatorId: 'ada' },
      reason: 'Contract 4711',
      changed: ['THEME', 'KEY'],
      variables: { THEME: 'dark' },
      secrets: { KEY: { version: 1 } },
    })
    expect(JSON.stringify(stored)).not.toContain(secret)
  })

  it('keeps what it does not name, takes back what is null, and goes back to an earlier version', async () => {
    const { change, apply, move, launches, site } = await scene()
    await change({ variables: { THEME: 'dark' }, secrets: { KEY: secret, OTHER: 'another secret' } })
    await move()
    await change({ basedOn: 1, variables: { THEME: null }, secrets: { OTHER: null } })
    await move()
    expect(launches.at(-1)).toMatchObject({
      secrets: { KEY: secret, OTHER: 'a-secret' },
      given: { KEY: '1' },
      facts: { 'variable.THEME': 'light' },
    })
    await apply(1)
    await move()
    expect(await site()).toMatchObject({ configuration: 1 })
    expect(launches.at(-1)).toMatchObject({ secrets: { OTHER: 'another secret' }, facts: { 'variable.THEME': 'dark' } })
    const { version } = await site()
    expect(await apply(1)).toMatchObject({ version })
    await apply(0)
    await move()
    expect(await site()).not.toHaveProperty('configuration')
    expect(launches.at(-1)?.secrets).toEqual({ KEY: 'a-secret', OTHER: 'a-secret' })
    // Numbers are not used again.
    expect(await change({ variables: { THEME: 'dark' } })).toMatchObject({
      operation: { target: { configuration: 3 } },
    })
  })

  it('goes back if the site does not become healthy, and is hidden meanwhile', async () => {
    const { change, move, fail, site, ports, id, blueprint, launches } = await scene()
    await change({ secrets: { KEY: 'the former secret' } })
    await move()
    await change({ basedOn: 1, secrets: { KEY: secret } })
    const hidden = await everySecretOf(ports, { id }, blueprint)
    expect(hidden).toEqual(expect.arrayContaining(['the former secret', secret, 'a-secret']))
    await fail()
    expect(await site()).toMatchObject({ configuration: 1 })
    expect(await site()).not.toHaveProperty('operation')
    expect(launches.at(-1)?.secrets['KEY']).toBe('the former secret')
  })

  it('tells a secret that a clone has of its source from one that is set for itself in a version of the same number', async () => {
    const { change, apply, move, site, ports, id, blueprint, launches, act } = await scene()
    const of = 'site_01jq3v5k8m0000000000000000'
    const sealed = await sealedSecrets.seal({ siteId: of, version: 2, name: 'KEY' }, 'the key of its source')
    const at = '2026-01-31T09:30:00.000Z'
    await ports.configurations.add({
      ...{
        schemaVersion: 1,
        siteId: id,
        version: 1,
        at,
        actor: act.actor,
        reason: 'A clone.',
        basedOn: 0,
        changed: ['KEY'],
      },
      ...{ variables: {}, secrets: { KEY: { sealed, version: 2, at, of } } },
    })
    await apply(1)
    await move()
    expect(launches.at(-1)).toMatchObject({ secrets: { KEY: 'the key of its source' }, given: { KEY: `${of}.2` } })
    await change({ basedOn: 1, secrets: { KEY: secret } })
    await move()
    expect(launches.at(-1)).toMatchObject({ secrets: { KEY: secret }, given: { KEY: '2' } })
    const hidden = await everySecretOf(ports, await site(), blueprint)
    expect(hidden).toEqual(expect.arrayContaining(['the key of its source', secret]))
  })

  it('leaves what roll-outs know of the versions of the site', async () => {
    const stage = await scene()
    const before = await stage.site()
    const failedUpgrade = { to: 9, because: 'LaunchFailed', at: stage.now() }
    const known = { ...before, version: before.version + 1, upgradedFrom: 2, failedUpgrade }
    const { siteChange } = await import('../../../core/site/lifecycle.ts')
    const details = { reason: 'a test' }
    await stage.commit(siteChange({ transition: 'hold', before, after: known, details }, stage.context()))
    await stage.change({ variables: { THEME: 'dark' } })
    await stage.move()
    expect(await stage.site()).toMatchObject({ upgradedFrom: 2, failedUpgrade })
  })

  it('wakes a site that sleeps', async () => {
    const { change, sleep, id, move, site } = await scene()
    await sleep(id)
    expect(await change({ variables: { THEME: 'dark' } })).toMatchObject({
      status: 'active',
      operation: { target: { configuration: 1 }, atWake: true },
    })
    await move()
    expect(await site()).toMatchObject({ configuration: 1 })
  })
})

describe('values for the blueprint of a planned relocation', () => {
  const acme = { name: 'acme', version: 1 }
  const planned = async () => {
    const stage = await scene()
    const [web] = stage.blueprint.containers
    const variables = { ERP_KEY: { secret: true, required: true } }
    const containers = [{ ...web, secrets: ['ERP_KEY'], variables: [] }]
    await stage.store.blueprints.publish(blueprintSchema.parse({ ...stage.blueprint, ...acme, containers, variables }))
    return stage
  }

  it('are kept as a version, and the site goes on as it is', async () => {
    const { change, ports, id, site, queue } = await planned()
    const before = await site()
    expect(await change({ secrets: { ERP_KEY: secret }, blueprint: acme })).toEqual(before)
    expect(queue).toEqual([])
    expect(await ports.configurations.list(id)).toMatchObject([{ version: 1, secrets: { ERP_KEY: { version: 1 } } }])
  })

  it('are refused where that blueprint does not have them, needs others, or was never published', async () => {
    const { change, ports, id } = await planned()
    const refused = { kind: 'InvalidRequest' }
    await expect(change({ secrets: { KEY: secret }, blueprint: acme })).rejects.toMatchObject(refused)
    await expect(change({ secrets: { ERP_KEY: null }, blueprint: acme })).rejects.toMatchObject(refused)
    const unknown = { blueprint: { name: 'acme', version: 2 }, secrets: { ERP_KEY: secret } }
    await expect(change(unknown)).rejects.toMatchObject({ ...refused, message: expect.stringContaining('acme') })
    expect(await ports.configurations.list(id)).toEqual([])
  })
})

describe('a change is refused', () => {
  it('if another version is in use by now, or somebody was faster', async () => {
    const { change, move, ports, id } = await scene()
    await change({ variables: { THEME: 'dark' } })
    await move()
    await expect(change({ variables: { THEME: 'light' } })).rejects.toMatchObject({ kind: 'VersionConflict' })
    const add = async () => false
    const act = { siteId: id, actor: { kind: 'system' } as const, causationId: 'req_test' }
    const request = { variables: { THEME: null }, secrets: {}, reason: 'late', basedOn: 1 }
    const late = { ...ports, configurations: { ...ports.configurations, add } }
    await expect(changeConfiguration(late, act, request)).rejects.toMatchObject({ kind: 'VersionConflict' })
  })

  it('for values that the site could not run with, and if nothing changes', async () => {
    const { change, ports, id } = await scene()
    const refused = { kind: 'InvalidRequest' }
    await expect(change({})).rejects.toMatchObject(refused)
    await expect(change({ variables: { NONE: 'x' } })).rejects.toMatchObject(refused)
    await expect(change({ variables: { THEME: 'red' } })).rejects.toMatchObject(refused)
    expect(await ports.configurations.list(id)).toEqual([])
  })

  it('during an operation, for a site that is suspended, and for a version that there is not', async () => {
    const { change, apply, move, site, commit, context } = await scene()
    await change({ variables: { THEME: 'dark' } })
    await expect(change({ secrets: { KEY: secret } })).rejects.toMatchObject({ kind: 'OperationInProgress' })
    await expect(apply(0)).rejects.toMatchObject({ kind: 'OperationInProgress' })
    await move()
    await expect(apply(2)).rejects.toMatchObject({ kind: 'NotFound' })
    await commit(suspendSite(await site(), { because: 'operator', reason: 'a test' }, context()))
    await expect(change({ basedOn: 1, secrets: { KEY: secret } })).rejects.toMatchObject({
      kind: 'TransitionNotAllowed',
      message: expect.stringContaining('suspended'),
    })
    await expect(apply(0)).rejects.toMatchObject({ kind: 'TransitionNotAllowed' })
  })
})

it('the purge of a site removes its configuration', async () => {
  const { change, ports, id, archives } = { ...(await scene()), archives: {} }
  await change({ secrets: { KEY: secret } })
  expect(await ports.configurations.list(id)).toHaveLength(1)
  const found = (await ports.sites.get(id)) as KeptSite
  const purged = { ...found, status: 'purged', operation: { ...found.operation, kind: 'purge' } }
  const given = {
    ...ports,
    archives: { ...ports.archives, ...archives },
    sites: { ...ports.sites, get: async () => purged },
  }
  await removeRemains(given as never, attemptAt(found))
  expect(await ports.configurations.list(id)).toEqual([])
})
