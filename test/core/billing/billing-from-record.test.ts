import { expect, it } from 'vitest'
import { billingFromRecord } from '../../../core/billing/ask-billing.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import config from '../../../sitewright.config.ts'
import { siteSamples } from '../../support/site-samples.ts'

const billing = billingFromRecord(planCatalogue(config.plans))
const sites = [siteSamples.active, siteSamples.suspended, siteSamples.archived]

it('counts every site as paid for that is no trial', async () => {
  for (const { id, kind } of config.plans) {
    for (const site of sites) {
      expect(await billing.isPaidFor({ ...site, plan: id })).toBe(kind === 'trial' ? 'unpaid' : 'paid')
    }
  }
})

it('cannot say of a plan that the configuration has lost, and throws nothing', async () => {
  for (const site of sites) expect(await billing.isPaidFor({ ...site, plan: 'bygone' })).toBe('unknown')
})
