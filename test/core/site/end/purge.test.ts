import { describe, expect, it } from 'vitest'
import { purgeSite } from '../../../../core/site/end/deletion.ts'
import { siteSchema } from '../../../../core/site/site.ts'
import { domainNow, fixedContext, wallNow } from '../../../support/fixed-ports.ts'
import { archived, suspended, under } from '../kept-sites.ts'

const deletion = { requestedAt: wallNow, by: 'owner' } as const
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

  it('gives nothing back: the hostname stays quarantined, and the trial was had', () => {
    for (const site of sites) expect(purgeSite(site, fixedContext())).not.toHaveProperty('release')
  })
})
