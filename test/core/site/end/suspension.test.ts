import { describe, expect, it } from 'vitest'
import { suspendSite } from '../../../../core/site/end/suspension.ts'
import { siteSchema, suspensionReasons } from '../../../../core/site/site.ts'
import { domainNow, fixedContext, wallNow } from '../../../support/fixed-ports.ts'
import { active, archiveNumbered, under } from '../kept-sites.ts'

const full = active({
  generation: 2,
  extensionsUsed: 1,
  archives: [archiveNumbered(1)],
  heldSince: wallNow,
  storage: 'near',
  storageSince: wallNow,
  reprievedUntil: wallNow,
})

describe('a suspension', () => {
  it.each(suspensionReasons)('because of %s stops the site with its data in place, and says why', (because) => {
    const { after, event } = suspendSite(active(), { because }, fixedContext())
    expect(after).toMatchObject({ status: 'suspended', suspendedAt: domainNow, suspendedBecause: because })
    expect(event).toMatchObject({ type: 'SiteSuspended', data: { because, previousStatus: 'active' } })
    expect(siteSchema.parse(after)).toEqual(after)
  })

  it('keeps the facts of the trial, the hold and the archives, and nothing that only a running site has', () => {
    const { after } = suspendSite(full, { because: 'trial-ended' }, fixedContext())
    const { trialEndsAt, extensionsUsed, archives, heldSince, generation, reminded } = full
    expect(after).toMatchObject({ trialEndsAt, extensionsUsed, archives, heldSince, generation, reminded })
    for (const gone of ['endpoint', 'storage', 'storageSince', 'reprievedUntil']) expect(after).not.toHaveProperty(gone)
  })

  it('has something under way until nothing of it runs', () => {
    const { after } = suspendSite(active(), { because: 'operator' }, fixedContext())
    expect(after.operation).toEqual({
      id: `suspend-site-${after.id}-${after.version}`,
      kind: 'suspend',
      fence: 1,
      startedAt: wallNow,
    })
  })

  it('by the clock goes on with the operation that asked for it', () => {
    const site = under(active(), 'suspend')
    expect(suspendSite(site, { because: 'trial-ended' }, fixedContext()).after.operation).toBe(site.operation)
  })

  it('gives up a copy that is being taken', () => {
    const { after } = suspendSite(under(active(), 'copy'), { because: 'storage-full' }, fixedContext())
    expect(after.operation).toMatchObject({ kind: 'suspend', id: `suspend-site-${after.id}-${after.version}` })
  })

  it('keeps an operator’s words, and an owner’s wish to delete it', () => {
    const deletion = { requestedAt: domainNow, by: 'owner' } as const
    const { after } = suspendSite(active(), { because: 'owner-deletion', deletion }, fixedContext())
    expect(after.deletion).toEqual(deletion)
    const { event } = suspendSite(active(), { because: 'operator', reason: 'It serves malware.' }, fixedContext())
    expect(event.data).toMatchObject({ because: 'operator', reason: 'It serves malware.' })
  })
})
