/**
 * Prints the monthly cost in US dollars.
 *
 *   node test/cost/generate-cost.ts --sites 2500 --trials 0.3 [--stage production]
 *
 * `--trials` is the share of the sites that are trials. docs/cost.md is written by generate-docs.ts.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import config from '../../sitewright.config.ts'
import { monthWith } from './bills.ts'
import { linesOf, totalOf } from './cost-line.ts'
import { costPage } from './cost-page.ts'
import { dollars } from './figures.ts'
import { type PricedStage, pricedStageOf } from './priced-stage.ts'
import { rolloutSection } from './rollout-section.ts'
import { scalePage } from './scale-page.ts'

const readMachine = (name: string): string =>
  readFileSync(new URL(`../../statemachines/${name}.asl.json`, import.meta.url), 'utf8')

/** @param stage its name; the first one by default. */
export const readStage = (stage?: string): PricedStage => pricedStageOf(config, readMachine('provision-site'), stage)

/** Renders docs/cost.md from the code and the configuration. */
export const costDoc = async (): Promise<string> =>
  costPage(readStage(), await rolloutSection(readMachine('upgrade-site')))

/** Renders docs/scale.md from the code and the configuration. */
export const scaleDoc = (): string => scalePage(readStage())

const optionsSchema = z.object({
  sites: z.coerce.number('must be a number').int('must be a whole number').min(0).max(1_000_000),
  trials: z.coerce.number('must be a number').min(0).max(1, 'must be a share between 0 and 1'),
  stage: z.string().optional(),
})

/** @throws {Error} naming the invalid option. */
export const costReport = (args: readonly string[]): string => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sites: { type: 'string', default: '100' },
      trials: { type: 'string', default: '0.5' },
      stage: { type: 'string' },
    },
  })
  const options = optionsSchema.safeParse(values)
  if (!options.success) {
    throw new Error(options.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('\n'))
  }
  const { sites, trials, stage } = options.data
  const { deployments, routersEach, bill } = monthWith(readStage(stage), sites, trials)
  const rows = [
    ...bill.map(({ name, lines }) => [name, totalOf(lines)] as const),
    ['total', totalOf(linesOf(bill))] as const,
  ]
  return [
    `${sites} sites, ${Math.round(trials * 100)} % trials, ${deployments} deployment(s) with ${routersEach} routers each`,
    ...rows.map(([name, usd]) => `  ${name.padEnd(12)}${dollars(usd).padStart(12)} USD a month`),
  ].join('\n')
}

if (import.meta.main) {
  try {
    console.log(costReport(process.argv.slice(2)))
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
}
