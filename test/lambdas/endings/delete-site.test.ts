import { describe, expect, it } from 'vitest'
import { nextStep } from '../../../core/site/next-step.ts'
import { siteSchema } from '../../../core/site/site.ts'
import { requestDeletion, revokeDeletion } from '../../../lambdas/endings/delete-site.ts'
import { confirmPurge, purgeSite, requestPurge } from '../../../lambdas/endings/purge-site.ts'
import { archived, operations, suspended, under } from '../../core/site/kept-sites.ts'
import { domainNow, fixedContext, wallNow } from '../../support/fixed-ports.ts'
import { samplePolicy as policy } from '../../support/sample-policy.ts'

const deletion = { requestedAt: wallNow, by: 'owner' } as const
const purgeRequest = { operatorId: 'staff-7', at: wallNow }
const both = [suspended, archived] as const

describe('an owner’s deletion', () => {
  it('is noted, and begins nothing', () => {
    for (const make of both) {
      const { after, event } = requestDeletion(make(), fixedContext())
      expect(after).toEqual({
        ...make(),
        version: make().version + 1,
        deletion: { requestedAt: domainNow, by: 'owner' },
      })
      expect(event).toMatchObject({ type: 'SiteDeletionRequested', data: { status: make().status } })
      expect(siteSchema.parse(after)).toEqual(after)
    }
  })

  it('aborts what the clock had begun, and lets decided operations continue', () => {
    expect(requestDeletion(under(suspended(), 'archive'), fixedContext()).after).not.toHaveProperty('operation')
    const stopping = under(suspended(), 'suspend')
    expect(requestDeletion(stopping, fixedContext()).after).toMatchObject({ operation: operations.suspend })
  })

  it('is revoked as if it had never been, also where its purge had begun', () => {
    for (const make of both) {
      const { after, event } = revokeDeletion(under(make({ deletion }), 'purge'), fixedContext())
      expect(after).toEqual({ ...make(), version: make().version + 1 })
      expect(event.type).toBe('SiteDeletionRevoked')
      expect(nextStep(after, policy)).toEqual(nextStep(make(), policy))
    }
  })

  it('cannot be revoked if there is none', () => {
    const notAllowed = expect.objectContaining({ kind: 'TransitionNotAllowed' })
    for (const make of both) expect(() => revokeDeletion(make(), fixedContext())).toThrow(notAllowed)
  })
})

describe('a purge that operators want', () => {
  it('is requested by one of them, and nothing comes of it yet', () => {
    for (const make of both) {
      const request = { operatorId: 'staff-7', reason: 'It serves malware.' }
      const { after, event } = requestPurge(make(), request, fixedContext())
      expect(after).toMatchObject({ status: make().status, purgeRequest: { operatorId: 'staff-7', at: domainNow } })
      expect(after).not.toHaveProperty('deletion')
      expect(event).toMatchObject({ type: 'SitePurgeRequested', data: { reason: request.reason } })
      expect(nextStep(after, policy)).toEqual(nextStep(make(), policy))
      expect(siteSchema.parse(after)).toEqual(after)
    }
  })

  it('leaves the owner’s own deletion as it was', () => {
    const { after } = requestPurge(suspended({ deletion }), { operatorId: 'staff-7', reason: 'Now.' }, fixedContext())
    expect(after).toMatchObject({ deletion })
  })

  it('is due at once where the second one agrees, and begins', () => {
    for (const make of both) {
      const site = make({ purgeRequest, reprievedUntil: wallNow })
      const { after, event } = confirmPurge(site, 'It does.', fixedContext())
      expect(after).toMatchObject({
        deletion: { requestedAt: domainNow, by: 'operators' },
        operation: { kind: 'purge', fence: 1, id: `purge-site-${site.id}-${site.version + 1}` },
      })
      for (const gone of ['purgeRequest', 'reprievedUntil']) expect(after).not.toHaveProperty(gone)
      expect(nextStep(after, policy)).toEqual({ step: 'purge', dueAt: domainNow })
      expect(event).toMatchObject({ type: 'SiteOperationBegun', data: { operation: 'purge', reason: 'It does.' } })
      expect(siteSchema.parse(after)).toEqual(after)
    }
  })
})

const sites = [
  under(archived({ generation: 4, warned: [14, 3], heldSince: wallNow }), 'purge'),
  under(suspended({ generation: 4, deletion, reprievedUntil: wallNow }), 'purge'),
] as const

describe('a purge', () => {
  it.each(sites)('of a site that is $status leaves a tombstone with its name and no more of its data', (site) => {
    const { after, event } = purgeSite(site, fixedContext(), { because: 'owner-deletion' })
    const { schemaVersion, id, cell, plan, blueprint, policyVersion, createdAt, completedSteps, ownership } = site
    expect(after).toEqual({
      ...{ schemaVersion, id, cell, plan, blueprint, policyVersion, createdAt, completedSteps, ownership },
      status: 'purged',
      version: site.version + 1,
      purgedAt: domainNow,
      generation: 4,
      operation: site.operation,
    })
    expect(event).toMatchObject({
      type: 'SitePurged',
      data: { previousStatus: site.status, because: 'owner-deletion', accountId: ownership.accountId },
    })
    expect(siteSchema.parse(after)).toEqual(after)
  })

  it('keeps which directory an upgrade prepared last, so that the cleanup knows what a late one leaves', () => {
    const site = under(suspended({ generation: 1, generationsUsed: 2, deletion }), 'purge')
    expect(purgeSite(site, fixedContext()).after).toMatchObject({ generation: 1, generationsUsed: 2 })
  })

  it('gives nothing back: the hostname stays quarantined, and the trial was had', () => {
    for (const site of sites) expect(purgeSite(site, fixedContext())).not.toHaveProperty('release')
  })
})
