import { writeFile } from 'node:fs/promises'
import * as z from 'zod'
import { measureClaims } from './claim/measure-claims.ts'
import { measureEnvironments } from './environments/measure-environments.ts'
import { measureLeads } from './leads/measure-leads.ts'
import { type Result, resultOf, runBench, type Section } from './measurement.ts'
import { measureOperators } from './operators/measure-operators.ts'
import { measurePages } from './pages/measure-pages.ts'
import { measureReports } from './reports/measure-reports.ts'
import { measureRoundTrips } from './round-trips/measure-round-trips.ts'
import { measureBusySite } from './router/measure-busy-site.ts'
import { measureRestarts } from './router/measure-restarts.ts'
import { measureRouter } from './router/measure-router.ts'
import { measureSignupTimes } from './signup.ts'
import { measureCrowd } from './sleep/measure-crowd.ts'
import { measureCycles } from './sleep/measure-cycles.ts'
import { measureIdle } from './sleep/measure-idle.ts'
import { crowd, measureWakes } from './sleep/measure-wakes.ts'
import { openSleepyHost } from './sleep/sleepers.ts'
import { measureWebsocket } from './websocket.ts'

const usualParts = ['claims', 'round-trips', 'router', 'websocket', 'signups'] as const
const parts = [...usualParts, 'sleep', 'operators', 'pages', 'leads', 'reports', 'environments'] as const

const usage = `Measures Sitewright's promises, each figure compared with other software.

  npm run bench
  npm run bench -- --runtime containers
  npm run bench -- --only router --only websocket

  --runtime <name>   what sites run as, for the claims: processes or containers (processes)
  --only <part>      ${parts.join(', ')}; may be repeated; all but sleep, operators, pages, leads, reports and environments by default
  --cycles <number>  how often sites fall asleep and wake, for sleep (1000)
  --seeded <number>  how many sites there are for operators, and leads for leads (100000)
  --events <number>  how many events there are for reports, ten for each account (1000000)
  --sites <number>   provisions that many for sleep instead, and measures a crowd of visitors
  --awake <number>   how many of these sites are awake at a time (50)
  --minutes <number> for how long (10)
  --json <file>      writes [{name, value, unit, bar?, holds}]
`

const optionsSchema = z.object({
  runtime: z.enum(['processes', 'containers']).default('processes'),
  only: z
    .array(z.enum(parts))
    .min(1)
    .default([...usualParts]),
  cycles: z.coerce.number().int().min(1).default(1000),
  seeded: z.coerce.number().int().min(1000).default(100_000),
  events: z.coerce.number().int().min(1000).default(1_000_000),
  sites: z.coerce.number().int().min(2).optional(),
  awake: z.coerce.number().int().min(1).default(50),
  minutes: z.coerce.number().min(1).default(10),
  json: z.string().min(1).optional(),
})
type Options = z.output<typeof optionsSchema>

async function* measureSleep({ cycles, sites, awake, minutes }: Options): AsyncGenerator<Section> {
  if (sites !== undefined) return yield await measureCrowd(sites, awake, minutes)
  {
    await using sleepy = await openSleepyHost('sleep')
    const sleepers = await sleepy.claimSites('sleeper', crowd)
    yield await measureWakes(sleepy, sleepers, { alone: 10, crowd: 5 })
    yield await measureCycles(sleepy, sleepers, cycles)
  }
  yield await measureIdle({ heap: 10_000, start: 2000 })
}

const measureParts: {
  readonly [Part in (typeof parts)[number]]: (options: Options) => Promise<readonly Section[]> | AsyncIterable<Section>
} = {
  claims: ({ runtime }) => measureClaims(runtime),
  'round-trips': async () => [await measureRoundTrips()],
  router: async () => [await measureRouter(), await measureBusySite(), await measureRestarts()],
  websocket: async () => [await measureWebsocket()],
  signups: async () => [await measureSignupTimes()],
  sleep: measureSleep,
  operators: async ({ seeded }) => [await measureOperators(seeded)],
  pages: measurePages,
  leads: async ({ seeded }) => [await measureLeads(seeded)],
  reports: async ({ events }) => [await measureReports(events)],
  environments: async () => [await measureEnvironments()],
}

await runBench(optionsSchema, usage, async function* (options) {
  const { only, json } = options
  const results: Result[] = []
  for (const part of only) {
    for await (const section of await measureParts[part](options)) {
      results.push(...section.measurements.map(resultOf))
      yield section
    }
  }
  if (json !== undefined) await writeFile(json, `${JSON.stringify(results, undefined, 2)}\n`)
})
