import { describe, expect, it } from 'vitest'
import { eventSchema } from '../../../core/events/event.ts'
import { plusDays } from '../../../core/instant.ts'
import { siteChange } from '../../../core/site/lifecycle.ts'
import { siteSchema } from '../../../core/site/site.ts'
import { requestSite } from '../../../lambdas/sites/build/request-build.ts'
import { claimSite, retireSite } from '../../../lambdas/sites/claim/pooled-site.ts'
import { changeAddress } from '../../../lambdas/sites/run/run-changes.ts'
import { domainNow, fixedContext, wallNow } from '../../support/fixed-ports.ts'
import { samplePolicy } from '../../support/sample-policy.ts'
import { siteSamples, unownedBuilding } from '../../support/site-samples.ts'

const { active, ready } = siteSamples
const activeAt = { host: '127.0.0.1', port: 20_000, ...active.endpoint }
const policy = { ...samplePolicy, version: 7, trialDays: 10 }
const ownership = { ...active.ownership, since: domainNow }
const request = {
  id: unownedBuilding.id,
  cell: 'local',
  plan: 'trial',
  blueprint: { name: 'welcome', version: 1 },
  policyVersion: 1,
  entry: {},
}
const elsewhere = { host: '127.0.0.1', port: 43_000 }
const reserve = { hostname: ownership.hostname, trial: ownership.accountId }

describe('a request', () => {
  const { before, after, event } = requestSite({ ...request, ownership, reserve }, fixedContext())

  it('brings a site into being, at version 1 and with the first fence', () => {
    expect(before).toBeUndefined()
    expect(after).toMatchObject({
      status: 'building',
      version: 1,
      createdAt: domainNow,
      completedSteps: [],
      ownership,
      operation: { id: `provision-site-${request.id}-1`, fence: 1, startedAt: wallNow },
    })
    expect(siteSchema.parse(after)).toEqual(after)
  })

  it('has no previous status', () => {
    expect(event).toMatchObject({ type: 'SiteRequested', version: 1, data: { accountId: ownership.accountId } })
    expect(event.data).not.toHaveProperty('previousStatus')
  })

  it('for the pool has no owner and reserves nothing', () => {
    const change = requestSite(request, fixedContext())
    expect(change.after).not.toHaveProperty('ownership')
    expect(change.event.data).not.toHaveProperty('accountId')
    expect(change).not.toHaveProperty('reserve')
  })
})

describe('a claim', () => {
  const { before, after, event, reserve: held } = claimSite(ready, { ownership, policy, reserve }, fixedContext())

  it('gives the site an owner, whose trial starts now under the policy of today', () => {
    expect(before).toBe(ready)
    expect(after).toMatchObject({
      status: 'active',
      version: ready.version + 1,
      ownership,
      policyVersion: 7,
      trialEndsAt: plusDays(domainNow, 10),
      reminded: [],
      endpoint: ready.endpoint,
    })
    expect(siteSchema.parse(after)).toEqual(after)
  })

  it('reserves the hostname and the trial in the same change', () => {
    expect(held).toEqual(reserve)
  })

  it('names the account and no person', () => {
    expect(event).toMatchObject({ type: 'SiteClaimed', data: { previousStatus: 'ready', status: 'active' } })
    expect(JSON.stringify(event)).not.toContain(ownership.name)
    expect(eventSchema.parse(event)).toEqual(event)
  })
})

describe('a retirement', () => {
  const { after, event } = retireSite(ready, fixedContext())

  it('takes a site of the pool away, with nothing left that could be reached', () => {
    expect(after).toMatchObject({ status: 'purged', version: ready.version + 1, purgedAt: domainNow })
    expect(after).not.toHaveProperty('endpoint')
    expect(event).toMatchObject({ type: 'SiteRetired', data: { previousStatus: 'ready', status: 'purged' } })
    expect(siteSchema.parse(after)).toEqual(after)
  })
})

describe('a move', () => {
  it.each([active, ready])('notes the new address of a site that is $status and leaves the rest', (site) => {
    const change = changeAddress(site, elsewhere, fixedContext())
    expect(change?.after).toEqual({ ...site, version: site.version + 1, endpoint: elsewhere })
    expect(change?.event).toMatchObject({
      type: 'SiteMoved',
      data: { status: site.status, previousStatus: site.status },
    })
  })

  it('returns nothing for the present address', () => {
    expect(changeAddress(active, { ...activeAt }, fixedContext())).toBeUndefined()
  })

  it.each([{ host: '127.0.0.2' }, { port: 1 }])('to %j is one', (change) => {
    expect(changeAddress(active, { ...activeAt, ...change }, fixedContext())).toBeDefined()
  })
})

describe('a change', () => {
  it('that the table does not know is refused', () => {
    expect(() => siteChange({ transition: 'claim', before: active, after: active }, fixedContext())).toThrow(
      expect.objectContaining({ kind: 'TransitionNotAllowed' }),
    )
  })

  it('records the actor and the cause', () => {
    const actor = { kind: 'owner', personId: 'prsn_01jq3v5k8m0000000000000001' } as const
    const context = { ...fixedContext(), actor, causationId: 'req_7' }
    expect(requestSite(request, context).event).toMatchObject({ actor, causationId: 'req_7' })
  })

  it('refuses a state that is not where the transition leads', () => {
    const { ready } = siteSamples
    const after = { ...siteSamples.active, id: ready.id }
    expect(() => siteChange({ transition: 'move', before: ready, after }, fixedContext())).toThrow(/makes a site ready/)
  })

  it('raises the version by one, whatever the new state says', () => {
    const { ready } = siteSamples
    const change = siteChange({ transition: 'move', before: ready, after: { ...ready, version: 99 } }, fixedContext())
    expect([change.after.version, change.event.version]).toEqual([ready.version + 1, ready.version + 1])
  })
})
