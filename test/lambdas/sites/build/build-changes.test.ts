import { describe, expect, it } from 'vitest'
import { errorKinds } from '../../../../core/errors.ts'
import { eventSchema } from '../../../../core/events/event.ts'
import { plusDays } from '../../../../core/instant.ts'
import type { SiteChange } from '../../../../core/site/lifecycle.ts'
import { type BuildingSite, siteSchema } from '../../../../core/site/site.ts'
import {
  finishBuild,
  noteLaunch,
  noteReady,
  noteStoragePrepared,
  requireBuilding,
  retryBuild,
} from '../../../../lambdas/sites/build/build-changes.ts'
import { buildFailure, failBuild } from '../../../../lambdas/sites/build/build-failure.ts'
import { domainNow, fixedContext, wallNow } from '../../../support/fixed-ports.ts'
import { samplePolicy } from '../../../support/sample-policy.ts'
import { everyStatus, siteSamples, unownedBuilding } from '../../../support/site-samples.ts'

const owned = siteSamples.building
const endpoint = { host: '127.0.0.1', port: 42_000 }
const policy = { ...samplePolicy, version: 7, trialDays: 10 }
const failure = { step: 'start', reason: 'It did not come up.' } as const

const changeOf = (change: SiteChange | undefined): SiteChange => {
  if (change === undefined) throw new Error('there is no change')
  return change
}
const buildingAfter = (change: SiteChange | undefined): BuildingSite => {
  const { after } = changeOf(change)
  if (after.status !== 'building') throw new Error(`it is ${after.status}`)
  return after
}
const stored = buildingAfter(noteStoragePrepared(unownedBuilding, fixedContext()))
const launched = buildingAfter(noteLaunch(stored, fixedContext()))
const answering = buildingAfter(noteReady(launched, endpoint, fixedContext()))

const changes: readonly (readonly [string, SiteChange | undefined, string])[] = [
  ['noting the storage', noteStoragePrepared(unownedBuilding, fixedContext()), 'SiteBuildAdvanced'],
  ['noting the launch', noteLaunch(stored, fixedContext()), 'SiteBuildAdvanced'],
  ['noting that it answers', noteReady(launched, endpoint, fixedContext()), 'SiteBuildAdvanced'],
  ['another attempt', retryBuild(answering, fixedContext()), 'SiteBuildRetried'],
  ['an end in the pool', finishBuild(answering, policy, fixedContext()), 'SiteStocked'],
  ['an end with an owner', finishBuild(owned, policy, fixedContext()), 'SiteOpened'],
  ['a bad end', failBuild(owned, failure, fixedContext()), 'SiteFailed'],
]

describe('every change of a build', () => {
  it.each(changes)('%s can be stored: site and event fit their schemas', (_, given, type) => {
    const { after, event } = changeOf(given)
    expect(event.type).toBe(type)
    expect(siteSchema.parse(after)).toEqual(after)
    expect(eventSchema.parse(event)).toEqual(event)
  })
})

describe('an attempt that asks whether it still builds', () => {
  it('gets the site while it does', () => {
    expect(requireBuilding(owned, 1)).toBe(owned)
  })

  it.each([0, 2, 99])('is turned away with the fence %i', (fence) => {
    expect(() => requireBuilding(owned, fence)).toThrow(expect.objectContaining({ name: 'OperationSuperseded' }))
  })

  it.each(everyStatus.filter((status) => status !== 'building'))('is turned away from a site that is %s', (status) => {
    expect(() => requireBuilding(siteSamples[status], 1)).toThrow(
      expect.objectContaining({ name: 'OperationSuperseded' }),
    )
  })

  it('throws NotFound for an unknown site', () => {
    expect(() => requireBuilding(undefined, 1)).toThrow(expect.objectContaining({ name: 'NotFound' }))
  })
})

describe('a step that is noted', () => {
  it('stands with its time, behind the ones before', () => {
    expect(answering.completedSteps).toEqual([
      { name: 'storage', at: domainNow },
      { name: 'start', at: domainNow },
      { name: 'ready', at: domainNow },
    ])
  })

  it('is nothing to note again', () => {
    expect(noteStoragePrepared(stored, fixedContext())).toBeUndefined()
    expect(noteLaunch(launched, fixedContext())).toBeUndefined()
    expect(noteReady(answering, { ...endpoint }, fixedContext())).toBeUndefined()
  })

  it('times the launch by the wall clock, from the first time', () => {
    expect(launched.operation.launchedAt).toBe(wallNow)
  })

  it('brings the address, also another one than before, without a second step', () => {
    const moved = buildingAfter(noteReady(answering, { ...endpoint, port: 42_001 }, fixedContext()))
    expect(moved.endpoint?.port).toBe(42_001)
    expect(moved.completedSteps).toEqual(answering.completedSteps)
  })
})

describe('another attempt', () => {
  const retried = buildingAfter(retryBuild(owned, fixedContext()))

  it('raises the fence, which stops the earlier attempt', () => {
    expect(retried.operation.fence).toBe(owned.operation.fence + 1)
    expect(() => requireBuilding(retried, owned.operation.fence)).toThrow('was superseded')
  })

  it('resets steps, address and launch time', () => {
    expect(retried.completedSteps).toEqual([])
    expect(retried).not.toHaveProperty('endpoint')
    expect(retried.operation).not.toHaveProperty('launchedAt')
    expect(retried.operation.startedAt).toBe(wallNow)
  })

  it('keeps the owner and the name of the operation', () => {
    expect(retried.ownership).toEqual(owned.ownership)
    expect(retried.operation.id).toBe(owned.operation.id)
  })
})

describe('a build that ended well', () => {
  it('starts the trial now, under the policy of today, whatever it was at the request', () => {
    expect(finishBuild(owned, policy, fixedContext()).after).toMatchObject({
      status: 'active',
      policyVersion: 7,
      trialEndsAt: plusDays(domainNow, 10),
      reminded: [],
      ownership: owned.ownership,
      endpoint: owned.endpoint,
    })
  })

  it('goes into the pool where it has no owner', () => {
    const { after } = finishBuild(answering, policy, fixedContext())
    expect(after).toMatchObject({ status: 'ready', readyAt: domainNow, endpoint })
    expect(after).not.toHaveProperty('ownership')
  })

  it('releases nothing', () => {
    expect(finishBuild(owned, policy, fixedContext())).not.toHaveProperty('release')
  })

  it('throws before the site has an address', () => {
    expect(() => finishBuild(launched, policy, fixedContext())).toThrow(
      expect.objectContaining({ name: 'SiteNotReady' }),
    )
  })
})

describe('a build that ended badly', () => {
  it('frees the hostname and gives the trial back', () => {
    expect(failBuild(owned, failure, fixedContext()).release).toEqual({
      hostname: owned.ownership?.hostname,
      trial: owned.ownership?.accountId,
    })
  })

  it('releases nothing for a site of the pool', () => {
    expect(failBuild(unownedBuilding, failure, fixedContext())).not.toHaveProperty('release')
  })

  it('keeps the owner and the reason', () => {
    expect(failBuild(owned, failure, fixedContext()).after).toMatchObject({
      status: 'failed',
      ownership: owned.ownership,
      failure: { ...failure, at: domainNow },
    })
  })

  it('removes the address', () => {
    expect(failBuild(owned, failure, fixedContext()).after).not.toHaveProperty('endpoint')
  })
})

describe('why a build failed', () => {
  it('names the first incomplete step', () => {
    expect(buildFailure(unownedBuilding, 'LaunchFailed').step).toBe('storage')
    expect(buildFailure(siteSamples.building, 'LaunchFailed').step).toBe('open')
  })

  it('distinguishes a failed start from a missing answer', () => {
    const reasonAfter = (...steps: readonly ('storage' | 'start')[]) => {
      const completedSteps = steps.map((name) => ({ name, at: unownedBuilding.createdAt }))
      return buildFailure({ ...unownedBuilding, completedSteps }, 'LaunchFailed').reason
    }
    expect(reasonAfter('storage')).toMatch(/could not be started/)
    expect(reasonAfter('storage', 'start')).toMatch(/did not answer in time/)
  })

  it.each([...errorKinds, 'States.Timeout', 'States.TaskFailed', 'TypeError', 'toString'])(
    'is a sentence for the owner when the error was %s, and does not name it',
    (name) => {
      const { reason } = buildFailure(unownedBuilding, name)
      expect(reason).toMatch(/^[A-Z][^\n]+\.$/)
      expect(reason).not.toContain(name)
    },
  )
})
