import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import config from '../../../sitewright.config.ts'
import { poolIsFull } from '../../e2e/visitor.ts'
import { waitFor } from '../../support/wait-for.ts'
import { probeBlueprint } from '../support/probe-blueprint.ts'
import { type Installation, openInstallation } from './installation.ts'
import { openTaskEngine } from './task-engine.ts'

vi.mock('../../../cloud/parts/waiting.ts', () => import('../support/hasty-waiting.ts'))

const engine = await openTaskEngine()
const { target } = config.pool

describe('a pool on AWS', () => {
  let installation: Installation
  beforeAll(async () => {
    const blueprint = probeBlueprint({ name: 'welcome', health: 'well', mode: 'shared' })
    installation = await openInstallation({ blueprint, engine })
  })
  afterAll(() => installation.close())

  it('is filled by one tick of the clock and by what finished builds say, and not overfilled', async () => {
    const { world, events, edge, asked } = installation
    await world.invoke('fill-pool', { id: 'tick', 'detail-type': 'Scheduled Event', detail: {} })
    // The tick begins fewer than are missing; the others follow from events alone.
    expect(config.pool.buildsAtOnce).toBeLessThan(target)
    await poolIsFull(edge.distribution)
    await waitFor(async () => events.deliveredTo('fill-pool').length === target)
    await world.settled()
    expect(world.executions()).toHaveLength(target)
    expect(asked('ecs.CreateService')).toHaveLength(target)
    expect(events.failures()).toEqual([])
  })

  it('gives a site that answers at once, and is filled again for the next', async () => {
    const { world, events, edge, mailTo } = installation
    const builtBefore = world.executions()
    const owner = await installation.signIn('grace@hopper.example')
    const answer = await installation.createSite(owner, 'hopper')
    const visited = await installation.visit('hopper', '/environment')
    expect(answer).toMatchObject({ status: 201, json: { status: 'active', url: 'https://hopper.example.net' } })
    expect(visited).toMatchObject({ status: 200, json: { value: { SITEWRIGHT_SITE_ID: answer.json.id } } })
    expect(builtBefore).toContainEqual(expect.stringContaining(answer.json.id))

    await waitFor(async () => world.executions().length > target)
    await poolIsFull(edge.distribution)
    await world.settled()
    expect(world.executions()).toHaveLength(target + 1)
    await waitFor(async () => mailTo(owner.email).some(({ subject }) => subject === 'Your site hopper is ready'))
    expect(events.failures()).toEqual([])
  })

  it('swaps tasks one after the other only where the data asks for it: these start the new one first', () => {
    const { asked } = installation
    const settings = asked('ecs.CreateService').map(({ deploymentConfiguration }) => deploymentConfiguration)
    expect(settings).toHaveLength(target + 1)
    for (const one of settings) expect(one).toMatchObject({ minimumHealthyPercent: 100, maximumPercent: 200 })
  })
})
