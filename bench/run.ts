import { writeFile } from 'node:fs/promises'
import * as z from 'zod'
import type { RuntimeName } from '../bin/temporary-home/temporary-home.ts'
import { measureClaims } from './claim/measure-claims.ts'
import type { Result, Section } from './measurement.ts'
import { resultOf, runBench } from './measurement.ts'
import { measureRoundTrips } from './round-trips/measure-round-trips.ts'
import { measureBusySite } from './router/measure-busy-site.ts'
import { measureRouter } from './router/measure-router.ts'
import { measureSignupTimes } from './signup.ts'
import { measureWebsocket } from './websocket.ts'

const parts = ['claims', 'round-trips', 'router', 'websocket', 'signups'] as const

const usage = `Measures Sitewright's promises, each figure compared with other software.

  npm run bench
  npm run bench -- --runtime containers
  npm run bench -- --only router --only websocket

  --runtime <name>   what sites run as, for the claims: processes or containers (processes)
  --only <part>      ${parts.join(', ')}; may be repeated
  --json <file>      writes [{name, value, unit, bar?, holds}]
`

const optionsSchema = z.object({
  runtime: z.enum(['processes', 'containers']).default('processes'),
  only: z
    .array(z.enum(parts))
    .min(1)
    .default([...parts]),
  json: z.string().min(1).optional(),
})
const measureParts: {
  readonly [Part in (typeof parts)[number]]: (runtime: RuntimeName) => Promise<readonly Section[]>
} = {
  claims: measureClaims,
  'round-trips': async () => [await measureRoundTrips()],
  router: async () => [await measureRouter(), await measureBusySite()],
  websocket: async () => [await measureWebsocket()],
  signups: async () => [await measureSignupTimes()],
}

await runBench(optionsSchema, usage, async function* ({ only, runtime, json }) {
  const results: Result[] = []
  for (const part of only) {
    for (const section of await measureParts[part](runtime)) {
      results.push(...section.measurements.map(resultOf))
      yield section
    }
  }
  if (json !== undefined) await writeFile(json, `${JSON.stringify(results, undefined, 2)}\n`)
})
