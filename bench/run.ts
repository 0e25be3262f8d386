import { writeFile } from 'node:fs/promises'
import * as z from 'zod'
import { readOptions } from '../bin/command-line/read-options.ts'
import { measureClaims } from './claim/measure-claims.ts'
import type { Section } from './measurement.ts'
import { loadText, machineText, resultOf, sectionLines } from './measurement.ts'
import { measureRoundTrips } from './round-trips/measure-round-trips.ts'
import { measureRouter } from './router/measure-router.ts'
import { measureSignupTimes } from './signup.ts'
import { measureWebsocket } from './websocket.ts'

const parts = ['claims', 'round-trips', 'router', 'websocket', 'signups'] as const

const usage = `Measures what Sitewright promises, each figure beside something that is not Sitewright.

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
type Options = z.infer<typeof optionsSchema>

const measure = (part: (typeof parts)[number], { runtime }: Options): Promise<readonly Section[]> => {
  const one = async (section: Promise<Section>): Promise<readonly Section[]> => [await section]
  switch (part) {
    case 'claims':
      return measureClaims(runtime)
    case 'round-trips':
      return one(measureRoundTrips())
    case 'router':
      return one(measureRouter())
    case 'websocket':
      return one(measureWebsocket())
    case 'signups':
      return one(measureSignupTimes())
  }
}

const main = async (): Promise<void> => {
  const options = readOptions(optionsSchema, usage, ['only'])
  if (options === undefined) return
  const startedAt = performance.now()
  console.log(`${machineText()}, ${loadText()} at the start\n`)
  const sections: Section[] = []
  for (const part of options.only) {
    const measured = await measure(part, options)
    sections.push(...measured)
    console.log(measured.flatMap(sectionLines).join('\n'))
  }
  console.log(`${Math.round((performance.now() - startedAt) / 1000)} s, ${loadText()} at the end`)

  const results = sections.flatMap(({ measurements }) => measurements.map(resultOf))
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(results, undefined, 2)}\n`)
  const missed = results.filter(({ holds }) => !holds).map(({ name }) => name)
  console.log(missed.length === 0 ? 'Every bar holds.' : `Missed: ${missed.join('; ')}.`)
  if (missed.length > 0) process.exitCode = 1
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
