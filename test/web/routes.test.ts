import { expect, test } from 'vitest'
import { routeOf } from '../../web/sign-up/routes.ts'

test.each([
  ['', { name: 'start' }],
  ['#/', { name: 'start' }],
  ['#/signups/sgn_1', { name: 'code', id: 'sgn_1', asksConsent: false }],
  ['#/signups/sgn_1?code=abc', { name: 'code', id: 'sgn_1', linkCode: 'abc', asksConsent: false }],
  ['#/signups/sgn_1?code=abc&ask=marketing', { name: 'code', id: 'sgn_1', linkCode: 'abc', asksConsent: true }],
  ['#/keep/acct_1?code=abc', { name: 'keep', id: 'acct_1', code: 'abc' }],
  ['#/new', { name: 'new' }],
  ['#/waiting', { name: 'waiting' }],
  ['#/building/site_1', { name: 'building', id: 'site_1' }],
  ['#/sites/site_1', { name: 'owner', path: '/sites/#/sites/site_1' }],
  ['#/bought/site_1', { name: 'owner', path: '/sites/#/bought/site_1' }],
  ['#/account', { name: 'owner', path: '/sites/#/account' }],
  ['#/unknown/x', { name: 'start' }],
])('%j shows the right screen', (hash, route) => {
  expect(routeOf(hash)).toEqual(route)
})
