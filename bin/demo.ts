import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { demoApi } from './demo/api.ts'
import { endLeftovers } from './demo/end-leftovers.ts'
import { hasMailbox } from './demo/find-code.ts'
import type { SpawnedHost } from './demo/start-host.ts'
import { spawnHost } from './demo/start-host.ts'
import type { Timeline } from './demo/timeline.ts'
import { createTimeline } from './demo/timeline.ts'
import { walk } from './demo/walk.ts'

const usage = `Shows the way from a sign-up to data in a site of one's own.

  npm run demo                                   starts a host of its own and stops it again
  npm run demo -- --url http://localhost:4000    uses a host that runs

  --url <address>     the host to use
  --email <address>   whom to sign up; needed where the host has no mailbox page
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

const drive = async (origin: string, email: string | undefined, timeline: Timeline): Promise<void> => {
  const codeFrom = (await hasMailbox(origin)) ? 'mailbox' : 'terminal'
  if (codeFrom === 'terminal' && (email === undefined || !process.stdin.isTTY)) {
    throw new Error(`${origin} has no mailbox page. Run this in a terminal, with --email and an address that you read.`)
  }
  // Short enough for a slug, and new with every run: an address has one trial.
  const slug = `demo-${randomBytes(4).toString('hex')}`
  const summary = await walk({ origin, email: email ?? `${slug}@example.com`, slug, codeFrom }, timeline)
  console.log(`\n${summary}`)
}

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
    await unlessInterrupted(drive(url, email, timeline))
  } finally {
    await host?.stop()
    await endLeftovers(home)
    await rm(home, { recursive: true, force: true })
  }
}

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { url: { type: 'string' }, email: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help) {
    console.log(usage)
    return
  }
  const timeline = createTimeline((line) => console.log(line))
  if (values.url === undefined) {
    await driveOwnHost(values.email, timeline)
    return
  }
  const origin = new URL(values.url).origin
  await timeline.step(
    'find the host',
    () => demoApi(origin).health(),
    ({ pool }) => `${origin}, ${pool.ready} of ${pool.target} sites stand ready`,
  )
  await drive(origin, values.email, timeline)
}

main().catch((error: unknown) => {
  console.error(`\nThe demo failed. ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
})
