import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { system } from '../../../../core/events/event-names.ts'
import { progressOf } from '../../../../core/site/site-facts.ts'
import { noteLaunch } from '../../../../lambdas/sites/build/build-changes.ts'
import { prepareStorage } from '../../../../lambdas/sites/build/provision-site.ts'
import { createSite } from '../../../../lambdas/sites/claim/create-site.ts'
import { healBuilds } from '../../../../lambdas/sites/heal-work.ts'
import { requestForPool } from '../../../support/build-for-pool.ts'
import { openProvisioning, type Provisioning } from '../../../support/provisioning.ts'

let stage: Provisioning

beforeEach(async () => {
  stage = await openProvisioning()
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
})

const heal = () => healBuilds(stage.ports, 'tick')
const startedNames = () => stage.ports.workflows.started.map(({ name }) => name)
const storage = { prepare: async () => undefined, remove: async () => undefined, list: async () => [] }

describe('healing builds', () => {
  it('starts what was committed and never started, once', async () => {
    const site = await requestForPool(stage)
    await heal()
    await heal()
    expect(startedNames()).toEqual([`provision-site-${site.id}-1-1`])
  })

  it('restarts a build that was lost after its launch', async () => {
    const site = await requestForPool(stage)
    const launched = noteLaunch(site, { actor: system, causationId: 'launch', ...stage.ports })
    if (launched === undefined) throw new Error('it was launched before')
    await stage.ports.sites.commit(launched)
    stage.ports.clocks.pass(3_600_000)
    await heal()
    expect(startedNames()).toEqual([`provision-site-${site.id}-1-2`])
    const begun = await stage.ports.sites.get(site.id)
    expect(begun).toMatchObject({ status: 'building', completedSteps: [], operation: { fence: 2 } })
    expect(begun).not.toHaveProperty('operation.launchedAt')
  })

  it('leaves alone what runs', async () => {
    const site = await requestForPool(stage)
    await heal()
    stage.ports.clocks.pass(3_600_000)
    await heal()
    expect(await stage.ports.sites.get(site.id)).toEqual(site)
  })

  it.each(['failed', 'succeeded'] as const)('tries again where an execution %s without an outcome', async (state) => {
    const site = await requestForPool(stage)
    await heal()
    stage.ports.workflows.state = state
    stage.ports.clocks.pass(60_000)
    await heal()
    expect(startedNames()).toEqual([`provision-site-${site.id}-1-1`, `provision-site-${site.id}-1-2`])
    expect(await stage.ports.sites.get(site.id)).toMatchObject({ status: 'building', operation: { fence: 2 } })
  })

  it('waits a moment for an execution that has just ended', async () => {
    const site = await requestForPool(stage)
    await heal()
    stage.ports.workflows.state = 'failed'
    stage.ports.clocks.pass(1000)
    await heal()
    expect(await stage.ports.sites.get(site.id)).toEqual(site)
  })

  it('gives up after three attempts: the name is free, the trial is back, and the step shows as failed', async () => {
    const site = await createSite(stage.ports, stage.requestOf('harbour', { accountId: stage.accountId }))
    stage.ports.workflows.state = 'failed'
    for (let sweep = 0; sweep < 3; sweep += 1) {
      if (sweep === 2) await prepareStorage({ ...stage.ports, storage }, { siteId: site.id, fence: 3 })
      stage.ports.clocks.pass(60_000)
      await heal()
    }
    const failed = await stage.ports.sites.get(site.id)
    if (failed?.status !== 'failed') throw new Error(`it is ${failed?.status}`)
    expect(startedNames()).toHaveLength(3)
    expect(progressOf(failed).steps.map(({ status }) => status)).toEqual(['done', 'failed', 'pending', 'pending'])
    expect(await stage.ports.sites.isHostnameHeld('harbour.sites.example.com')).toBe(false)
    const second = createSite(stage.ports, stage.requestOf('harbour', { accountId: stage.accountId }))
    await expect(second).resolves.toMatchObject({ status: 'building' })
  })

  it('continues after a failure and throws at the end', async () => {
    const sites = [await requestForPool(stage), await requestForPool(stage), await requestForPool(stage)]
    const { workflows } = stage.ports
    const start: typeof workflows.start = async (machine, name, input) => {
      if (name.includes(sites[1]?.id ?? '')) throw new Error('refused')
      await workflows.start(machine, name, input)
    }
    const ports = { ...stage.ports, workflows: { ...workflows, start } }
    await expect(healBuilds(ports, 'tick')).rejects.toMatchObject({
      kind: 'Unavailable',
      message: `These builds could not be recovered: ${sites[1]?.id}`,
    })
    expect(workflows.started).toHaveLength(2)
  })
})
