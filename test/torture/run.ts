import { randomInt } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import * as z from 'zod'
import { runCommand, secondsText } from '../../bin/command-line/read-options.ts'
import type { Kill } from './killer.ts'
import { reportResult } from './report-result.ts'
import { type TortureResult, torture } from './torture.ts'

const usage = `Kills a host, its database engine and its sites, over and over, while people sign up and write.

  npm run torture -- --minutes 1
  npm run torture -- --minutes 10 --runtime containers --seed 7

  --minutes <n>      how long (1)
  --runtime <name>   processes or containers (processes)
  --seed <n>         chooses victims and moments; printed, so that a run can be repeated
  --sites <n>        how many people sign up, at most (30)
  --pool <n>         how many sites are ready (3)
  --json <file>      writes the figures
  --log <file>       writes what the hosts print
`

const optionsSchema = z.object({
  minutes: z.coerce.number().positive().max(600).default(1),
  runtime: z.enum(['processes', 'containers']).default('processes'),
  seed: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 2)
    .optional(),
  sites: z.coerce.number().int().min(1).max(200).default(30),
  pool: z.coerce.number().int().min(0).max(50).default(3),
  json: z.string().min(1).optional(),
  log: z.string().min(1).optional(),
})

const line = ({ atMilliseconds, note, outageMilliseconds }: Kill): string => {
  const back = outageMilliseconds === undefined ? '' : `, back after ${outageMilliseconds} ms`
  return `${secondsText(atMilliseconds).padStart(9)}  killed ${note}${back}`
}

const summary = ({ kills, sites, acknowledgedEntries, checks, repeated, settleMilliseconds }: TortureResult) => [
  ...[...Map.groupBy(kills, ({ victim }) => victim)].map(([victim, same]) => {
    const longest = Math.max(0, ...same.map(({ outageMilliseconds = 0 }) => outageMilliseconds))
    return `  ${victim.padEnd(7)} killed ${String(same.length).padStart(4)} times, longest outage ${longest} ms`
  }),
  `  ${sites.open} sites open, ${sites.failed} failed with their owner told`,
  `  ${acknowledgedEntries} entries acknowledged; all promises to an owner checked ${checks} times`,
  `  calls repeated: ${
    Object.entries(repeated)
      .map(([what, count]) => `${count} × ${what}`)
      .join(', ') || 'none'
  }`,
  `  at rest ${secondsText(settleMilliseconds)} after the last request`,
]

await runCommand(
  optionsSchema,
  usage,
  async ({ minutes, json, log, seed = randomInt(2 ** 32 - 1), ...limits }, signal) => {
    console.log(`${minutes} minutes on ${limits.runtime}, seed ${seed}`)
    const logStream = log === undefined ? undefined : createWriteStream(log)
    const result = await torture({
      ...limits,
      signal,
      seed,
      milliseconds: minutes * 60_000,
      report: (kill) => console.log(line(kill)),
      onOutput: (output) => logStream?.write(output),
    })
    logStream?.end()
    console.log(summary(result).join('\n'))
    return reportResult({ seed, ...result }, { json, note: ` (seed ${seed})` })
  },
  { explain: (error) => error, cleansUp: true },
)
