import * as z from 'zod'
import { runCommand } from '../../bin/command-line/read-options.ts'
import { unlessEnding } from '../../bin/command-line/run-to-end.ts'
import { spawnHost, useHost } from '../acceptance/start-host.ts'
import { awaitPool, temporaryHome } from '../support/temporary-home/temporary-home.ts'
import { leftBehind } from '../support/temporary-home/what-runs.ts'
import { reportResult } from '../torture/report-result.ts'
import { countWarnings, report, type StormResult } from './report.ts'
import { storm } from './storm.ts'

const usage = `Lets many people sign up at once, and checks that each of them got a working site of their own.

  npm run crowd                                        200 people, a host of its own with a pool of 5
  npm run crowd -- --people 60 --runtime containers
  npm run crowd -- --url http://localhost:4000         a host that runs, with its pool

  --people <n>       how many sign up at once (200)
  --pool <n>         how many sites are ready for them (5)
  --runtime <name>   processes or containers (processes)
  --url <address>    the host to use; needs its mailbox page
  --json <file>      writes the figures
`

const optionsSchema = z.object({
  people: z.coerce.number().int().min(1).max(1000).default(200),
  pool: z.coerce.number().int().min(0).max(1000).default(5),
  runtime: z.enum(['processes', 'containers']).default('processes'),
  url: z.url({ protocol: /^https?$/ }).optional(),
  json: z.string().min(1).optional(),
})
type Options = z.infer<typeof optionsSchema>

const firstFillMilliseconds = 180_000
const stopMilliseconds = 300_000

/** Starts a host, runs the crowd, stops the host, and checks that nothing keeps running. */
const stormOwnHost = async ({ people, pool, runtime }: Options, signal: AbortSignal): Promise<StormResult> => {
  await using home = await temporaryHome('crowd', runtime)
  let printed = ''
  const host = await spawnHost({
    home: home.directory,
    signal,
    stopMilliseconds,
    onOutput: (text) => {
      printed += text
    },
    environment: { SITEWRIGHT_RUNTIME: runtime, SITEWRIGHT_POOL_SIZE: String(pool), SITEWRIGHT_LOG: 'warn' },
  })
  return await useHost(host, signal, async () => {
    await awaitPool(host.url, firstFillMilliseconds)
    const result = await storm(host.url, people)
    const { sites } = await home.whatRuns()
    for (const [what, count] of Object.entries(countWarnings(printed))) {
      console.log(`  the host warned ${count} times: ${what}`)
    }
    await host.stop()
    const wrong = [
      ...result.wrong,
      ...(sites.length === people + pool ? [] : [`${sites.length} sites ran, and not ${people + pool}`]),
      ...leftBehind(await home.whatRuns()),
    ]
    if (wrong.length > 0) console.error(`The host printed, at the end:\n${host.output()}`)
    return { ...result, wrong }
  }).catch((error: unknown) => {
    console.error(`The host printed, at the end:\n${host.output()}`)
    throw error
  })
}

await runCommand(
  optionsSchema,
  usage,
  async (options, signal) => {
    const { url, people, json } = options
    const result =
      url === undefined
        ? await stormOwnHost(options, signal)
        : await unlessEnding(signal, storm(new URL(url).origin, people))
    console.log(report(result).join('\n'))
    return reportResult(result, { json })
  },
  { explain: (error) => error, cleansUp: true },
)
