import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { waitFor } from '../../support/wait-for.ts'
import { probeBlueprint } from '../support/probe-blueprint.ts'
import { remainsOf } from '../support/remains.ts'
import { type Installation, openInstallation, siteIdOf } from './installation.ts'
import { openTaskEngine } from './task-engine.ts'

vi.mock('../../../cloud/parts/waiting.ts', () => import('../support/hasty-waiting.ts'))

const engine = await openTaskEngine()

describe('a blueprint that never becomes well', () => {
  let installation: Installation
  beforeAll(async () => {
    installation = await openInstallation({ blueprint: probeBlueprint({ name: 'welcome', health: 'sick' }), engine })
  })
  afterAll(() => installation.close())

  it('fails its site, leaves nothing of it on AWS, and gives its owner another try', async () => {
    const { world, events, asked, mailTo } = installation
    const owner = await installation.signIn('mary@somerville.example')
    const answer = await installation.createSite(owner, 'somerville')
    expect(answer.status).toBe(202)
    const siteId = siteIdOf(answer.json)
    await world.settled()

    expect(await installation.siteOf(owner, siteId)).toMatchObject({
      status: 'failed',
      failure: { reason: expect.any(String) },
    })
    // There was something to leave.
    expect(asked('ecs.CreateService')).toHaveLength(1)
    expect(world.aws.fargate.tasksOf(siteId)).toMatchObject([{ lastStatus: 'STOPPED' }])
    expect(Object.entries(await remainsOf(world, siteId)).filter(([, count]) => count > 0)).toEqual([])

    expect(await installation.visit('somerville', '/')).toMatchObject({
      status: 410,
      json: { type: 'urn:sitewright:problem:site-failed' },
    })
    await waitFor(async () => mailTo(owner.email).some(({ subject }) => subject.includes('could not be built')))
    expect((await installation.createSite(owner, 'somerville')).status).toBe(202)
    expect(events.failures()).toEqual([])
  })
})
