import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SiteStore } from '../../../../core/ports/stores.ts'
import { claimFromPool } from '../../../../core/site/claim/claim-from-pool.ts'
import type { TrialRequest } from '../../../../core/site/claim/pooled-site.ts'
import { buildForPool } from '../../../support/build-for-pool.ts'
import type { Provisioning } from '../../../support/provisioning.ts'
import { openProvisioning } from '../../../support/provisioning.ts'

let stage: Provisioning

beforeEach(async () => {
  stage = await openProvisioning()
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
})

const wish = (): TrialRequest => {
  const { clocks, randomness } = stage.ports
  const hostname = 'harbour.sites.example.com'
  return {
    ownership: { accountId: stage.accountId, slug: 'harbour', hostname, name: 'Harbour', since: clocks.domain() },
    blueprint: 'welcome',
    context: { actor: { kind: 'system' }, causationId: 'test', clocks, randomness },
  }
}
const claim = (sites: SiteStore = stage.ports.sites, cell = 'local') =>
  claimFromPool({ sites, cell, policy: stage.ports.policies.current }, wish())

describe('a claim from the pool', () => {
  it('finds an empty pool empty, and the pool of another cell as well', async () => {
    expect(await claim()).toBe('pool-empty')
    await buildForPool(stage)
    expect(await claim(stage.ports.sites, 'elsewhere')).toBe('pool-empty')
  })

  it('takes another site after a lost race', async () => {
    const [one, other] = [await buildForPool(stage), await buildForPool(stage)]
    const lost: string[] = []
    const sites: SiteStore = {
      ...stage.ports.sites,
      commit: async (change) => {
        if (lost.length > 0) return stage.ports.sites.commit(change)
        lost.push(change.after.id)
        return { done: false, obstacle: 'version' }
      },
    }
    const claimed = await claim(sites)
    expect([one.id, other.id]).toContain(lost[0])
    expect(claimed).toMatchObject({ status: 'active' })
    expect(lost).not.toContain(typeof claimed === 'string' ? claimed : claimed.id)
  })

  it('gives up where it loses every time, so that the visitor gets a site of their own built', async () => {
    await buildForPool(stage)
    const always: SiteStore = { ...stage.ports.sites, commit: async () => ({ done: false, obstacle: 'version' }) }
    expect(await claim(always)).toBe('pool-empty')
  })

  it.each(['hostname', 'trial', 'idempotency'] as const)(
    'tries no other site where the %s stands against it',
    async (obstacle) => {
      await buildForPool(stage)
      await buildForPool(stage)
      let tries = 0
      const sites: SiteStore = {
        ...stage.ports.sites,
        commit: async () => {
          tries += 1
          return { done: false, obstacle }
        },
      }
      expect(await claim(sites)).toBe(obstacle)
      expect(tries).toBe(1)
    },
  )
})
