import { afterAll, beforeEach, expect, it } from 'vitest'
import { eachAtOnce } from '../../../core/each-at-once.ts'
import { offerSchema } from '../../../lambdas/offers/offer.ts'
import { createOffers } from '../../../lambdas/offers/offers.ts'
import type { VisitRow } from '../../../lambdas/reports/report-row.ts'
import { unlimited } from '../../support/signing-up.ts'
import { openApiStage } from '../api-stage.ts'

const offers = createOffers(
  [
    offerSchema.parse({ id: 'schools', paths: ['/schools'], variants: [{ name: 'short', weight: 1 }] }),
    offerSchema.parse({ id: 'clubs', paths: ['/clubs'], campaign: { source: 'fair', campaign: 'autumn' } }),
  ],
  'http://localhost:4000',
)
const stage = await openApiStage(() => ({ abuse: unlimited, offers }))
afterAll(() => stage[Symbol.asyncDispose]())

beforeEach(() => {
  stage.turnClock(3_600_000)
})

const visit = (body: object, headers: Record<string, string> = {}, sourceIp = '203.0.113.7') =>
  stage.send({ method: 'POST', path: '/v1/visits', body, headers, sourceIp })

const counted = async (): Promise<readonly Omit<VisitRow, 'at'>[]> => {
  const found: VisitRow[] = []
  for await (const changed of stage.store.changedRows.hours()) {
    if (changed.table !== 'visits') continue
    for await (const row of stage.store.changedRows.rows(changed)) found.push(row as VisitRow)
  }
  const at = `${stage.now().slice(0, 13)}:00:00.000Z`
  return found.filter((row) => row.at === at).map(({ at: _, ...row }) => row)
}

it('counts visits by offer, variant and campaign, and answers without a body or cookie', async () => {
  const answer = await visit({ offer: 'schools', variant: 'short', source: 'news', medium: 'mail', campaign: 'spring' })
  expect([answer.status, answer.text, answer.cookies]).toEqual([204, '', []])
  await visit({ offer: 'schools', variant: 'short', source: 'news', medium: 'mail', campaign: 'spring' })
  await visit({})
  expect((await counted()).toSorted((one, other) => one.visits - other.visits)).toEqual([
    { offer: 'default', visits: 1 },
    { offer: 'schools', variant: 'short', source: 'news', medium: 'mail', campaign: 'spring', visits: 2 },
  ])
})

it('counts those of an offer with a campaign of its own for that, if they name none', async () => {
  await visit({ offer: 'clubs' })
  await visit({ offer: 'clubs', campaign: 'spring' })
  await visit({ offer: 'clubs' }, { 'sec-gpc': '1' })
  expect(await counted()).toEqual(
    expect.arrayContaining([
      { offer: 'clubs', source: 'fair', campaign: 'autumn', visits: 1 },
      { offer: 'clubs', campaign: 'spring', visits: 1 },
      { offer: 'clubs', visits: 1 },
    ]),
  )
})

it('cuts or drops what is wrong', async () => {
  const bodies = [
    { offer: 'unknown', variant: 'short' },
    { offer: 'schools', variant: 'unknown' },
    { offer: 7, variant: {}, source: ['x'], medium: null, campaign: '  ' },
    { campaign: 'c'.repeat(10_000) },
    { source: 'ada@example.com' },
  ]
  for (const body of bodies) expect((await visit(body)).status).toBe(204)
  expect((await counted()).toSorted((one, other) => other.visits - one.visits)).toEqual([
    { offer: 'default', visits: 3 },
    ...[expect.any(Object), expect.any(Object)],
  ])
  expect(await counted()).toEqual(
    expect.arrayContaining([
      { offer: 'schools', visits: 1 },
      { offer: 'default', campaign: 'c'.repeat(200), visits: 1 },
    ]),
  )
})

it('counts only offer and variant with Global Privacy Control', async () => {
  await visit({ offer: 'schools', variant: 'short', campaign: 'spring', source: 'news' }, { 'sec-gpc': '1' })
  await visit({ offer: 'schools', campaign: 'spring' }, { 'sec-gpc': '0' })
  expect(await counted()).toEqual(
    expect.arrayContaining([
      { offer: 'schools', variant: 'short', visits: 1 },
      { offer: 'schools', campaign: 'spring', visits: 1 },
    ]),
  )
})

it('counts 200 combinations in an hour, and those beyond as one', async () => {
  const visitOf = async (index: number): Promise<void> => {
    await visit({ offer: 'schools', campaign: `c${index}`, source: 's' }, {}, `203.0.113.${index}`)
  }
  await visitOf(0)
  await eachAtOnce(Array(205).keys(), 16, visitOf)
  const rows = await counted()
  expect(rows).toHaveLength(201)
  expect(rows).toEqual(
    expect.arrayContaining([
      { offer: 'schools', campaign: 'other', visits: 5 },
      { offer: 'schools', campaign: 'c0', source: 's', visits: 2 },
    ]),
  )
})

it('limits the visits of one network', async () => {
  const statusOf = async (): Promise<number> => (await visit({}, {}, '198.51.100.9')).status
  await eachAtOnce(Array(300).keys(), 16, async () => void (await statusOf()))
  expect(await statusOf()).toBe(429)
  expect((await counted())[0]?.visits).toBe(300)
})
