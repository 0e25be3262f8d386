import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ownerArchivesKept } from '../../core/site/archive.ts'
import { billingOperations } from '../../lambdas/billing/operations.ts'
import { paymentActsPerHour } from '../../lambdas/billing/purchase/admit-payment-act.ts'
import { changesPerDay } from '../../lambdas/deployments/own-values.ts'
import { copiesPerDay } from '../../lambdas/endings/copy/begin-copies.ts'
import config from '../../sitewright.config.ts'

const page = readFileSync(new URL('../../docs/limits.md', import.meta.url), 'utf8')

const cellsOf = (line: string): readonly string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('`', ''))

const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map(cellsOf)
const planIds = (rows.find(([first]) => first === 'limit') ?? []).slice(1, -1)

describe('the page about limits', () => {
  it('has a column for each plan', () => {
    expect(planIds).toEqual(config.plans.map(({ id }) => id))
  })

  it.each(Object.keys(config.plans[0]?.limits ?? {}))('shows %s of each plan', (limit) => {
    const row = rows.find(([first]) => first === limit)
    const figures = config.plans.map(({ limits }) => Object.entries(limits).find(([name]) => name === limit)?.[1])
    expect(row?.slice(1, -1)).toEqual(figures.map((figure) => figure?.toLocaleString('en')))
  })

  it('shows how many copies are allowed and kept, and how many changes of values', () => {
    expect(page).toContain(`An owner can take or restore at most ${copiesPerDay} copies of a site per day`)
    expect(page).toContain(`change the variables and secrets of software of their own ${changesPerDay} times`)
    expect(page).toContain(`Sitewright keeps the newest ${ownerArchivesKept} that the owner asked for.`)
  })

  it('shows the rate limit of payment requests', () => {
    expect(page).toContain(`at most ${paymentActsPerHour} payment requests per hour`)
    expect(page).toContain('checkouts, plan changes, their previews and portal visits together')
    expect(page).toContain(`GET ${billingOperations.previewPlan.path}`)
  })

  it.each(Object.entries(config.clients))('shows %s of clients', (setting, figure) => {
    expect(rows).toContainEqual([setting, figure.toLocaleString('en'), expect.any(String)])
  })

  it('shows the size of each plan', () => {
    const row = rows.find(([first]) => first?.startsWith('size'))
    const sizes = config.plans.map(
      ({ size }) => `${size.cpu}, ${size.memoryMiB.toLocaleString('en')} MiB, ${size.processes.toLocaleString('en')}`,
    )
    expect(row?.slice(1, -1)).toEqual(sizes)
  })
})
