import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { readOptions } from './command-line/read-options.ts'
import { demoApi } from './demo/api.ts'
import { endLeftovers } from './demo/end-leftovers.ts'
import { codeFromMailbox, codeFromTerminal } from './demo/find-code.ts'
import type { SpawnedHost } from './demo/start-host.ts'
import { spawnHost } from './demo/start-host.ts'
import { openTerminal } from './demo/terminal.ts'
import type { Timeline } from './demo/timeline.ts'
import { createTimeline } from './demo/timeline.ts'
import { walk } from './demo/walk.ts'

const usage = `Shows the way from a sign-up to data in a site of one's own.

  npm run demo                                     starts a host of its own and stops it again
  npm run demo -- --url https://try.example.com    uses a deployment, wherever it runs

  --url <address>     the console of the deployment; the code that it mails is asked for
  --email <address>   whom to sign up; with --url an address that you read, which is asked for unless given
`

/** A full pool shows what a visitor sees on a normal day. An empty one works too, so this gives up quietly. */
const waitForPool = async (origin: string) => {
  const health = demoApi(origin).health
  let { pool } = await health()
  for (let attempt = 0; attempt < 300 && pool.ready < pool.target; attempt += 1) {
    await sleep(100)
    pool = (await health()).pool
  }
  return pool
}

/** Short enough for a slug, and new with every run: an address has one trial. */
const newSlug = (): string => `demo-${randomBytes(4).toString('hex')}`

/** Runs with a host of its own, which is stopped whatever happens. */
const driveOwnHost = async (email: string | undefined, timeline: Timeline): Promise<void> => {
  const interruption = new AbortController()
  const { signal } = interruption
  for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => interruption.abort(new Error('Interrupted.')))
  const unlessInterrupted = <Result>(work: Promise<Result>): Promise<Result> => {
    const interrupted = new Promise<never>((_, reject) => {
      if (signal.aborted) reject(signal.reason)
      signal.addEventListener('abort', () => reject(signal.reason))
    })
    return Promise.race([work, interrupted])
  }

  const home = await mkdtemp(join(tmpdir(), 'sitewright-demo-'))
  let host: SpawnedHost | undefined
  try {
    // A Ctrl-C is for the demo, which then stops the host in good order.
    const start = () => spawnHost({ home, signal, hasOwnProcessGroup: true })
    host = await timeline.step('start a host', start, ({ url }) => url)
    const { url } = host
    const fill = () => unlessInterrupted(waitForPool(url))
    await timeline.step('fill its pool', fill, ({ ready, target }) => `${ready} of ${target} sites stand ready`)
    const slug = newSlug()
    const findCode = (address: string) => codeFromMailbox(url, address)
    const person = { email: email ?? `${slug}@example.com`, slug, findCode, mayMistype: false }
    console.log(`\n${await unlessInterrupted(walk({ origin: url, ...person }, timeline))}`)
  } finally {
    await host?.stop()
    await endLeftovers(home)
    await rm(home, { recursive: true, force: true })
  }
}

/** Uses what everybody may use: a deployment's API, its mail and its sites. */
const driveDeployment = async (origin: string, email: string | undefined, timeline: Timeline): Promise<void> => {
  await timeline.step(
    'find the deployment',
    () => demoApi(origin).health(),
    ({ pool }) => `${origin}, ${pool.ready} of ${pool.target} sites stand ready`,
  )
  const terminal = openTerminal(process.stdin, process.stdout)
  try {
    const address = email ?? (await terminal.ask('    Your e-mail address: '))
    const findCode = () => codeFromTerminal(terminal, address)
    const summary = await walk({ origin, email: address, slug: newSlug(), findCode, mayMistype: true }, timeline)
    console.log(`\n${summary}`)
  } finally {
    terminal.close()
  }
}

const optionsSchema = z.object({
  url: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).optional(),
  email: z.email('must be an e-mail address').optional(),
})

const main = async (): Promise<void> => {
  const options = readOptions(optionsSchema, usage)
  if (options === undefined) return
  const { url, email } = options
  const timeline = createTimeline((line) => console.log(line))
  await (url === undefined ? driveOwnHost(email, timeline) : driveDeployment(new URL(url).origin, email, timeline))
}

main().catch((error: unknown) => {
  console.error(`\nThe demo failed. ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
})
