import { describe, expect, it } from 'vitest'
import type { DemoSite } from '../acceptance/api.ts'
import type { Call } from '../support/http-call.ts'
import { badAnswers, createCallRecord } from './storm.ts'
import { goThrough, type Person, personOf, verifyCrowd } from './verify-crowd.ts'

const origin = 'http://localhost:4000'

const siteOf = ({ slug, name }: Person, id = `site of ${slug}`): DemoSite => ({
  id,
  slug,
  name,
  url: `http://${slug}.localhost:4000`,
  status: 'active',
  plan: 'trial',
  trialEndsAt: null,
  progress: { percent: 100, steps: [] },
})

const served = (number: number): Person => {
  const person = personOf(number, 'test')
  return Object.assign(person, { token: `token-${number}`, site: siteOf(person) })
}

const untold = { text: '', firstByteMilliseconds: 0 }

/** A host on which all is well, except for what `lies` answers instead. */
const hostOf =
  (people: readonly Person[], lies: (what: string, person: Person) => object | undefined = () => undefined) =>
  async ({ method = 'GET', url: address, headers = {} }: Call) => {
    const url = new URL(address)
    const person = people.find(
      ({ token, slug }) => headers['authorization'] === `Bearer ${token}` || url.hostname.startsWith(`${slug}.`),
    )
    if (person?.site === undefined) return { ...untold, status: 401, json: undefined }
    const truths: Readonly<Record<string, object>> = {
      'POST /v1/sites': person.site,
      'GET /v1/sites': { sites: [person.site] },
      'GET /api/entitlement': { name: person.name, plan: 'trial', features: [], trialEndsAt: null },
      'GET /api/entries': { entries: [{ id: 1, text: person.text }] },
    }
    const what = `${method} ${url.pathname}`
    return { ...untold, status: method === 'POST' ? 201 : 200, json: lies(what, person) ?? truths[what] }
  }

describe('the check of what a crowd got', () => {
  it('finds nothing wrong where everybody has a site of their own', async () => {
    const people = [served(1), served(2)]
    expect(await verifyCrowd(people, origin, hostOf(people))).toEqual([])
  })

  it('finds one site that was given to two', async () => {
    const [one, other] = [served(1), served(2)]
    other.site = { ...siteOf(other), id: siteOf(one).id }
    const people = [one, other]
    expect(await verifyCrowd(people, origin, hostOf(people))).toEqual([
      `${siteOf(one).id} was given to more than one person`,
    ])
  })

  it('finds somebody who did not get to the end', async () => {
    const person = Object.assign(personOf(1, 'test'), { failure: 'no mail came' })
    expect(await verifyCrowd([person], origin, hostOf([person]))).toEqual([`${person.slug}: no mail came`])
  })

  it.each([
    [
      'a second site for one Idempotency-Key',
      'POST /v1/sites',
      (person: Person) => siteOf(person, 'another'),
      'Key gave',
    ],
    [
      'two sites of one account',
      'GET /v1/sites',
      (person: Person) => ({ sites: [siteOf(person), siteOf(person, 'x')] }),
      'lists',
    ],
    [
      "somebody else's name",
      'GET /api/entitlement',
      () => ({ name: 'Eve', plan: 'trial', features: [], trialEndsAt: null }),
      "is 'Eve'",
    ],
    ["somebody else's entry", 'GET /api/entries', () => ({ entries: [{ id: 1, text: 'not theirs' }] }), 'not theirs'],
  ])('finds %s', async (_, where, lie, line) => {
    const people = [served(1), served(2)]
    const host = hostOf(people, (what, person) => (what === where && person === people[0] ? lie(person) : undefined))
    const wrong = await verifyCrowd(people, origin, host)
    expect(wrong).toHaveLength(1)
    expect(wrong[0]).toContain(`${people[0]?.slug}`)
    expect(wrong[0]).toContain(line)
  })
})

describe('a crowd on a busy machine', () => {
  const recordOf = (...firstBytes: number[]) =>
    createCallRecord(origin, async () => {
      const firstByteMilliseconds = firstBytes.shift()
      const status = firstByteMilliseconds === undefined ? 200 : 503
      return { status, text: '', json: undefined, firstByteMilliseconds: firstByteMilliseconds ?? 1 }
    })

  it('repeats a request that exceeded the timeout of its function', async () => {
    const record = recordOf(15_000, 29_000)
    expect(await record.call({ url: `${origin}/v1/sites` })).toMatchObject({ status: 200 })
    expect(badAnswers(record)).toEqual([])
    expect([...(record.routes.get('GET /v1/sites')?.statuses ?? [])]).toEqual([
      ['late 503', 2],
      ['200', 1],
    ])
  })

  it('counts a request that failed at once', async () => {
    const record = recordOf(20)
    expect(await record.call({ url: `${origin}/v1/sites` })).toMatchObject({ status: 503 })
    expect(badAnswers(record)).toEqual(['GET /v1/sites: 1 × 503'])
  })

  it('asks for another code where a late answer has used one up', async () => {
    const codes = ['111111', '111111', '222222']
    const person = personOf(1, 'test')
    await goThrough(person, origin, async ({ url, body = {} }) => {
      const answer = (status: number, json: object) => ({ ...untold, status, json })
      const { pathname } = new URL(url)
      if (pathname === '/v1/signups') return answer(201, { id: 'sgn_1', email: person.email })
      if (pathname === '/_local/mail') return answer(200, { messages: [{ code: codes.shift() }] })
      if (!pathname.endsWith('/verification')) return answer(500, { detail: 'The test ends here.' })
      return 'code' in body && body.code === '222222'
        ? answer(200, { session: { token: 'the token' } })
        : answer(410, { detail: 'This code was used already. Request a new one.' })
    })
    expect(person.token).toBe('the token')
    expect(codes).toEqual([])
  })
})
