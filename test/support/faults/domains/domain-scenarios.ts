import { samplePolicy } from '../../sample-policy.ts'
import { deleteSite } from '../billing/buyer.ts'
import {
  addDomain,
  anotherOwner,
  fewMinutes,
  givePlan,
  releaseDomain,
  removeRecords,
  serveDomain,
  setRecords,
  verifyDomain,
} from './domain-owner.ts'
import type { DomainScenario } from './domain-scenario.ts'

/** The requests at the end of each scenario. */
export const hostnames = ['www.example.com', 'shop.example.org'] as const
const [shop, other] = hostnames

const leads = `${shop} is connected to your site`
const willNot = `${shop} will stop working`
const noLonger = `${shop} has stopped working`

const checking = [
  'check-domains domains.listDue',
  'check-domains domains.get',
  'check-domains dns.txt',
  'check-domains dns.cname',
]
const verifying = [...checking, 'check-domains domains.commit', 'mail-domain mailer.send']
const serving = ['find', 'create', 'certificateOf', 'useCertificate'].map((call) => `check-domains cloudfront.${call}`)
const withdrawing = ['find', 'disable', 'remove'].map((call) => `withdraw-domain cloudfront.${call}`)

const served = { hostname: shop, owner: 0, state: 'verified' } as const

const serveShop: NonNullable<DomainScenario['prepare']> = async (world, owner) => {
  await serveDomain(world, owner, shop)
  return [owner]
}

/** Every check of domains that deadlines of days depend on. */
const withChecks = ['act-on-deadlines', 'heal-work', 'check-domains']

/** Everything that happens to hostnames of owners' own. */
export const domainScenarios: readonly DomainScenario[] = [
  {
    name: 'a domain that is added, verified and served',
    run: async (world, [owner]) => {
      await addDomain(world, owner, shop)
      await fewMinutes(world)
      setRecords(world, owner, shop)
      await fewMinutes(world)
    },
    outcome: { domains: [served], lives: ['pending, verified, verified'], told: [leads] },
    musts: ['owner-api domains.commit', 'owner-api rateWindows.count', ...verifying, ...serving],
  },
  {
    name: 'a domain whose owner does not wait for its check',
    run: async (world, [owner]) => {
      setRecords(world, owner, shop)
      await addDomain(world, owner, shop)
      await verifyDomain(world, owner, shop)
      await fewMinutes(world)
    },
    outcome: { domains: [served], lives: ['pending, verified, verified'], told: [leads] },
    musts: ['owner-api domains.commit', 'owner-api dns.txt', ...serving],
  },
  {
    name: 'a domain whose plan no longer has it',
    prepare: serveShop,
    run: async (world, [owner]) => {
      await givePlan(world, owner, 'trial')
      await world.pass(8, withChecks)
    },
    outcome: {
      domains: [],
      lives: ['pending, verified, verified, releasing, released because plan-changed'],
      told: [willNot, noLonger],
    },
    musts: ['follow-site-domains domains.commit', ...verifying, ...withdrawing],
  },
  {
    name: 'a domain whose plan and whose records go for a while',
    prepare: serveShop,
    run: async (world, [owner]) => {
      await givePlan(world, owner, 'trial')
      await givePlan(world, owner, 'starter')
      removeRecords(world, shop)
      await world.pass(2.5, withChecks)
      setRecords(world, owner, shop)
      await world.pass(0.5, withChecks)
    },
    outcome: {
      domains: [served],
      lives: ['pending, verified, verified, releasing, verified, failing, releasing, verified'],
      told: [willNot, leads, willNot, leads],
    },
    musts: ['follow-site-domains domains.commit', ...verifying],
  },
  {
    name: 'a domain that its owner removes',
    prepare: serveShop,
    run: (world, [owner]) => releaseDomain(world, owner, shop),
    outcome: { domains: [], lives: ['pending, verified, verified, released because owner'], told: [] },
    musts: ['owner-api domains.commit', ...withdrawing],
  },
  {
    name: 'the domains of a site that is purged',
    prepare: async (world, owner) => {
      await serveDomain(world, owner, shop)
      await addDomain(world, owner, other)
      return [owner]
    },
    run: async (world, [owner]) => {
      await deleteSite(world, owner)
      await world.pass(samplePolicy.deletionDays + 1)
    },
    outcome: {
      domains: [],
      lives: ['pending, verified, verified, released because site-gone', 'pending, released because site-gone'],
      told: [],
    },
    musts: ['follow-site-domains domains.listBySite', 'follow-site-domains domains.commit', ...withdrawing],
  },
  {
    name: 'a domain that passes to another account',
    prepare: async (world, owner) => {
      await serveDomain(world, owner, shop)
      return [owner, await anotherOwner(world)]
    },
    run: async (world, [, next]) => {
      if (next === undefined) throw new Error('there is nobody else')
      setRecords(world, next, shop)
      await addDomain(world, next, shop)
      await fewMinutes(world)
    },
    outcome: {
      domains: [{ ...served, owner: 1 }],
      lives: ['pending, verified, verified, released because moved', 'pending, verified, verified'],
      told: [leads, noLonger],
    },
    musts: ['owner-api domains.holderOf', ...verifying, 'withdraw-domain domains.holderOf'],
  },
]
