import { describe, expect, it } from 'vitest'
import type { Act } from '../../web/operator/acts.ts'
import { actsFor } from '../../web/operator/acts.ts'
import { hashOf, queryOf, routeOf } from '../../web/operator/routes.ts'

describe('the address of an operator’s view', () => {
  it.each([
    '#/',
    '#/sites',
    '#/sites?status=suspended&order=due-first&cursor=a%2Fb%3D',
    '#/sites?search=ada%40example.com',
    '#/sites/site_1',
    '#/sites/site_1?part=timeline',
  ])('%s holds the whole state', (hash) => {
    expect(hashOf(routeOf(hash))).toBe(hash)
  })

  it('ignores what it does not know', () => {
    expect(routeOf('')).toEqual({ name: 'overview' })
    expect(hashOf(routeOf('#/sites?status=happy&order=&x=1'))).toBe('#/sites')
    expect(hashOf(routeOf('#/sites/site_1?part=x'))).toBe('#/sites/site_1')
  })
})

describe('a search of sites', () => {
  it.each([
    ['site_1', { id: 'site_1' }],
    [' ada@example.com ', { owner: 'ada@example.com' }],
    ['shop.localhost', { hostname: 'shop.localhost' }],
    ['sho', { slug: 'sho' }],
  ])('%j is found by what it looks like, without another condition', (search, query) => {
    expect(queryOf({ search, status: 'active', order: 'oldest' })).toEqual(query)
  })

  it('lists by creation or deadline without a search', () => {
    expect(queryOf({})).toEqual({ sort: 'created', order: 'descending' })
    expect(queryOf({ status: 'active', order: 'due-first', cursor: 'c' })).toEqual({
      status: 'active',
      sort: 'deadline',
      order: 'ascending',
      cursor: 'c',
    })
  })
})

describe('the acts on a site', () => {
  const site = { status: 'active', plan: 'trial', heldSince: null, accountId: 'acct_1' } as const
  const everything = () => true

  it.each([
    [site, ['enter', 'extend', 'suspend', 'hold']],
    [
      { ...site, status: 'suspended', plan: 'pro', heldSince: '2026-01-01T00:00:00.000Z' } as const,
      ['resume', 'unhold', 'purge'],
    ],
    [{ ...site, status: 'failed' } as const, ['retry']],
    [{ ...site, status: 'purged' } as const, []],
    [{ ...site, accountId: null }, []],
  ] as const)('suit its state: %j', (given, expected: readonly Act[]) => {
    expect(actsFor(given, everything)).toEqual(expected)
  })

  it('need the permission of the role', () => {
    expect(actsFor(site, (operation) => operation === 'operatorExtend')).toEqual(['extend'])
  })
})
