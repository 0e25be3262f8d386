import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AskMove, type MovePage, type MoveRequest, movePageSchema, moveSites } from '../../../bin/policy.ts'
import { trialPolicies } from '../../../core/site/trial-policy.ts'
import { type ApiStage, openApiStage } from '../../lambdas/api-stage.ts'
import { givenSites } from '../../lambdas/given-site.ts'
import { samplePolicy } from '../../support/sample-policy.ts'

const site = (number: number, isDueAtOnce = false): MovePage['sites'][number] => ({
  id: `site_${number}`,
  hostname: `site-${number}.example.com`,
  status: 'active',
  trialEndsAt: { before: '2026-03-15T12:00:00.000Z', after: `2026-03-${isDueAtOnce ? '02' : '31'}T12:00:00.000Z` },
  nextStep: {
    before: { step: 'remind', at: '2026-03-08T12:00:00.000Z' },
    after: isDueAtOnce ? null : { step: 'remind', at: '2026-03-24T12:00:00.000Z' },
  },
  isDueAtOnce,
})

/** Two pages, whatever is asked, and what was asked. */
const twoPages = (pages: readonly MovePage[] = [{ sites: [site(1)], cursor: 'next' }, { sites: [site(2, true)] }]) => {
  const asked: MoveRequest[] = []
  const ask: AskMove = async (request) => {
    asked.push(request)
    return pages[request.cursor === undefined ? 0 : 1] ?? { sites: [] }
  }
  return { asked, ask }
}

const run = async (ask: AskMove, facts: { isDryRun?: boolean; isMeant?: boolean } = {}) => {
  const lines: string[] = []
  const print = (line: string): void => {
    lines.push(line)
  }
  const move = { ask, print, from: 1, to: 2, reason: 'Longer.', isDryRun: false, isMeant: false, ...facts }
  return { isDone: await moveSites(move), lines }
}

describe('moving sites from the command line', () => {
  it.each([
    ['a dry run', { isDryRun: true, isMeant: true }, true],
    ['a move that nobody has said yes to', {}, false],
  ])('only shows what would change for whom in %s', async (_what, facts, isDone) => {
    const { asked, ask } = twoPages()
    const told = await run(ask, facts)
    expect(asked.map(({ dryRun, cursor }) => ({ dryRun, cursor }))).toEqual([
      { dryRun: true, cursor: undefined },
      { dryRun: true, cursor: 'next' },
    ])
    expect(told.isDone).toBe(isDone)
    expect(told.lines.slice(0, 3)).toEqual([
      '  site_1  site-1.example.com  active: remind 2026-03-08T12:00Z -> remind 2026-03-24T12:00Z',
      '  site_2  site-2.example.com  active: remind 2026-03-08T12:00Z -> nothing  (due at once)',
      '2 sites of version 1: the trial of 1 ends later and of 1 earlier; something is due at once for 1.',
    ])
  })

  it('shows it first, and moves them then, where it is meant', async () => {
    const { asked, ask } = twoPages()
    const told = await run(ask, { isMeant: true })
    expect(asked.map(({ dryRun }) => dryRun)).toEqual([true, true, false, false])
    expect(told).toMatchObject({ isDone: true })
    expect(told.lines.at(-1)).toBe('2 sites live under version 2 now.')
  })

  it('has nothing to ask where there is nobody to move', async () => {
    const { asked, ask } = twoPages([{ sites: [] }])
    expect((await run(ask)).isDone).toBe(true)
    expect(asked).toHaveLength(1)
  })
})

describe('through the API', () => {
  let stage: ApiStage
  beforeAll(async () => {
    stage = await openApiStage(() => ({
      policies: trialPolicies([samplePolicy, { ...samplePolicy, version: 2, trialDays: 30 }]),
    }))
  })
  afterAll(async () => stage?.[Symbol.asyncDispose]())

  it('shows an operator the sites there are', async () => {
    const active = await givenSites(stage).active('acct_01jq3v5k8m0000000000000001', 'harbour')
    const headers = await stage.operator('root@example.com', 'admin')
    const ask: AskMove = async (body) =>
      movePageSchema.parse(
        (await stage.send({ method: 'POST', path: '/v1/operator/policies/move', headers, body })).json,
      )
    const { lines } = await run(ask, { isDryRun: true })
    expect(lines[0]).toContain(`${active.id}  harbour.localhost  active: remind`)
    expect(lines[1]).toContain('1 site of version 1: the trial of 1 ends later')
  })
})
