import { describe, expect, it } from 'vitest'
import { lookUpDomain } from '../../../lambdas/domains/check-domains.ts'
import { ownershipName, ownershipValue, recordsOf, sightings } from '../../../lambdas/domains/custom-domain.ts'
import { ownZone } from '../../support/own-zone.ts'

const accountId = 'acct_01jq3v5k8m0000000000000003'
const otherAccount = 'acct_01jq3v5k8m0000000000000004'
const hostname = 'www.example.com'
const txt = ownershipName(hostname)
const value = ownershipValue({ accountId, hostname })
const theirs = ownershipValue({ accountId: otherAccount, hostname })

const checking = () => {
  const zone = ownZone('203.0.113.7')
  const check = (heldBy?: typeof otherAccount) =>
    lookUpDomain(zone, { accountId, hostname, siteHostname: 'shop.localhost', heldBy })
  return { ...zone, check }
}

describe('the records of a domain', () => {
  it('are a value of this account and this hostname, and the way to the site', () => {
    const claim = { accountId, hostname } as const
    expect(recordsOf(claim, { target: 'shop.localhost', registrable: 'example.com' })).toEqual([
      { type: 'TXT', name: '_sitewright.www.example.com', value, purpose: 'ownership' },
      { type: 'CNAME', name: 'www.example.com', value: 'shop.localhost', purpose: 'traffic' },
    ])
    const values = [value, theirs, ownershipValue({ accountId, hostname: 'example.com' })]
    expect(new Set(values).size).toBe(3)
    for (const one of values) expect(one).toMatch(/^sitewright=[0-9a-f]{40}$/)
  })

  it('have an ALIAS at the apex', () => {
    const [, traffic] = recordsOf({ accountId, hostname: 'example.com' }, { target: 'a', registrable: 'example.com' })
    expect(traffic).toMatchObject({ type: 'ALIAS', name: 'example.com' })
  })

  it('have what the edge asks for at the apex, and only there', () => {
    const facts = { target: 'a', registrable: 'example.com', challenge: 'd111111abcdef8.cloudfront.net' }
    expect(recordsOf({ accountId, hostname: 'example.com' }, facts)[2]).toEqual({
      type: 'TXT',
      name: '_cf-challenge.example.com',
      value: 'd111111abcdef8.cloudfront.net',
      purpose: 'edge',
    })
    expect(recordsOf({ accountId, hostname: 'www.example.com' }, facts)).toHaveLength(2)
  })
})

describe('a check of DNS', () => {
  it('sees nothing where nothing is set', async () => {
    expect(await checking().check()).toEqual({ ownership: 'wrong', traffic: 'wrong' })
  })

  it('sees the account’s text among others, and an alias over several hops', async () => {
    const { set, check } = checking()
    set(txt, { TXT: [`"${value}"`] })
    expect(await check()).toMatchObject({ ownership: 'right' })
    set(txt, { TXT: ['v=spf1 -all', theirs, ` ${value} `] })
    set(hostname, { CNAME: 'sites.example.com' })
    set('sites.example.com', { CNAME: 'shop.localhost' })
    expect(await check()).toEqual({ ownership: 'right', traffic: 'right' })
  })

  it('is not satisfied by another account’s text, or a part of its own', async () => {
    const { set, check } = checking()
    for (const text of [theirs, value.slice(0, -1), `${value}0`, value.toUpperCase()]) {
      set(txt, { TXT: [text] })
      expect(await check()).toMatchObject({ ownership: 'wrong' })
    }
  })

  it('follows an alias even to another host of ours', async () => {
    const { set, check } = checking()
    set(hostname, { CNAME: 'other.localhost' })
    expect(await check()).toMatchObject({ traffic: 'wrong' })
  })

  it('ends in a circle of aliases', async () => {
    const { set, check } = checking()
    set(hostname, { CNAME: 'a.example.com' })
    set('a.example.com', { CNAME: hostname })
    expect(await check()).toMatchObject({ traffic: 'wrong' })
  })

  it('accepts our addresses where there is no alias, and none besides', async () => {
    const { set, check } = checking()
    set(hostname, { A: ['203.0.113.7'] })
    expect(await check()).toMatchObject({ traffic: 'right' })
    set(hostname, { A: ['203.0.113.7', '198.51.100.1'] })
    expect(await check()).toMatchObject({ traffic: 'wrong' })
  })

  it.each(sightings)('asks a domain whose DNS leads elsewhere, as behind a CDN: %s', async (seen) => {
    const { set, tell, check } = checking()
    set(txt, { TXT: [value] })
    tell(hostname, seen)
    for (const records of [
      { A: ['198.51.100.1'] },
      { CNAME: 'www.example.com.cdn.example.net', A: ['198.51.100.1'] },
    ]) {
      set(hostname, records)
      expect(await check()).toEqual({ ownership: 'right', traffic: seen })
    }
  })

  it('does not ask a domain without an address, or whose alias leads straight to another site of ours', async () => {
    const { set, tell, check } = checking()
    tell(hostname, 'right')
    expect(await check()).toMatchObject({ traffic: 'wrong' })
    set(hostname, { CNAME: 'other.localhost', A: ['203.0.113.7'] })
    expect(await check()).toMatchObject({ traffic: 'wrong' })
    set(hostname, { CNAME: 'shop.localhost' })
    tell(hostname, 'wrong')
    expect(await check()).toMatchObject({ traffic: 'right' })
  })

  it('lets no answer of a domain replace its text, and no forgotten text win it back', async () => {
    const { set, tell, check } = checking()
    set(hostname, { A: ['198.51.100.1'] })
    tell(hostname, 'right')
    expect(await check()).toEqual({ ownership: 'wrong', traffic: 'right' })
    set(txt, { TXT: [value, theirs] })
    expect(await check(otherAccount)).toEqual({ ownership: 'wrong', traffic: 'right' })
  })

  it('is unknown if DNS servers fail', async () => {
    const { set, fail, check } = checking()
    fail(txt)
    fail(hostname)
    expect(await check()).toEqual({ ownership: 'unknown', traffic: 'unknown' })
    set(hostname, { CNAME: 'a.example.com' })
    fail('a.example.com')
    expect(await check()).toMatchObject({ traffic: 'unknown' })
  })

  it('lets the text that an account once set win nothing back, where addresses lead to the sites of both', async () => {
    const { set, check } = checking()
    set(hostname, { A: ['203.0.113.7'] })
    set(txt, { TXT: [value, theirs] })
    expect(await check(otherAccount)).toMatchObject({ ownership: 'wrong', traffic: 'right' })
    for (const [text, ownership] of [
      [value, 'right'],
      ['v=spf1 -all', 'wrong'],
    ] as const) {
      set(txt, { TXT: [text] })
      expect(await check(otherAccount)).toMatchObject({ ownership })
    }
  })

  it('needs no text removed where an alias names the site', async () => {
    const { set, check } = checking()
    set(hostname, { CNAME: 'shop.localhost' })
    set(txt, { TXT: [value, theirs] })
    expect(await check(otherAccount)).toEqual({ ownership: 'right', traffic: 'right' })
  })
})
