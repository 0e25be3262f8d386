import type { Command } from 'commander'
import * as z from 'zod'
import type { Api } from './api.ts'
import type { CommandContext } from './command-context.ts'
import type { Site } from './site.ts'

const usageSchema = z.object({
  until: z.string(),
  awakeHours: z.number().nullable(),
  storage: z.object({ usedBytes: z.int().nullable(), maxBytes: z.int() }),
  prices: z.object({ currency: z.string(), awakeHour: z.number(), gibMonth: z.number() }).nullish(),
})

const hour = 3_600_000
const gib = 2 ** 30

const tenths = (hours: number): number => Math.round(hours * 10) / 10

/** The hours of this month: those that are past since the site exists, and those to come. */
const monthAt = (now: string, createdAt = '') => {
  const date = new Date(now)
  const start = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth()))
  const end = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1))
  const since = Math.max(start.getTime(), Date.parse(createdAt) || 0)
  const hours = { past: (date.getTime() - since) / hour, left: (end.getTime() - date.getTime()) / hour }
  return { from: start.toISOString(), hours }
}

/**
 * What a site has used in this month (UTC), what it will have used at the end of the month if it goes on so, and what it would use if it never slept.
 * With prices if the plan has them.
 */
export const costsOf = async (api: Api, { id, slug, createdAt, planName }: Site) => {
  const usage = (query: string) => api({ path: `/v1/sites/${id}/usage${query}` }, usageSchema)
  // The server says what day it is.
  const { until: now } = await usage('')
  const { from, hours } = monthAt(now, createdAt)
  const { awakeHours, storage, prices = null } = await usage(from < now ? `?from=${from}&until=${now}` : '')
  const share = hours.past > 0 && awakeHours !== null ? Math.min(1, awakeHours / hours.past) : 0
  const stored = (storage.usedBytes ?? 0) / gib
  const priced = (awake: number | null) => ({
    awakeHours: awake === null ? null : tenths(awake),
    amount:
      prices === null || awake === null
        ? null
        : Math.round((awake * prices.awakeHour + stored * prices.gibMonth) * 100) / 100,
  })
  return {
    ...{ site: slug, plan: planName, month: from.slice(0, 7), until: now, storage, prices },
    soFar: { awakeHours },
    estimate: priced(awakeHours === null ? null : awakeHours + share * hours.left),
    alwaysOn: priced(hours.past + hours.left),
  }
}

type Costs = Awaited<ReturnType<typeof costsOf>>

const line = ({ awakeHours, amount }: Costs['estimate'], { prices }: Costs): string => {
  const hours = awakeHours === null ? 'unknown: it slept and woke too often to count' : `${awakeHours} hours awake`
  return amount === null ? hours : `${hours}, ${amount.toFixed(2)} ${prices?.currency}`
}

export const costsText = (costs: Costs): string => {
  const { site, plan, month, storage, prices, soFar } = costs
  const used = storage.usedBytes === null ? 'not measured yet' : `${Math.round(storage.usedBytes / 2 ** 20)} MiB`
  return [
    `${site} in ${month} (UTC), plan ${plan}`,
    `  so far     ${line({ awakeHours: soFar.awakeHours, amount: null }, costs)}`,
    `  estimate   ${line(costs.estimate, costs)}, if it goes on so until the end of the month`,
    `  always on  ${line(costs.alwaysOn, costs)}, if it never slept`,
    `  storage    ${used} of ${Math.round(storage.maxBytes / 2 ** 20)} MiB`,
    prices === null
      ? '  price      none: this server has no price for an hour awake, and your agreement says what the plan costs'
      : `  price      ${prices.awakeHour} ${prices.currency} for an hour awake, ${prices.gibMonth} ${prices.currency} for a GiB and month`,
  ].join('\n')
}

export const addCostsCommand = (program: Command, { show, find }: CommandContext): void => {
  program
    .command('costs [environment]')
    .description('hours awake and storage of this month, with an estimate, and what it would be without sleep')
    .action(async (name?: string) => {
      const { api, site } = await find(name)
      const costs = await costsOf(api, site)
      show(costs, costsText(costs))
    })
}
