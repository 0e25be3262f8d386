import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { messageOf, runCommand } from '../../bin/command-line/read-options.ts'
import { endWithCommand, unlessEnding } from '../../bin/command-line/run-to-end.ts'
import { emailSchema } from '../../core/email.ts'
import { demoApi } from './api.ts'
import { prepareEnterprise } from './enterprise/licence.ts'
import { tellEnterprise } from './enterprise/story.ts'
import { codeFromMailbox, codeFromTerminal, openTerminal } from './find-code.ts'
import { openReceiver, type Receiver } from './market/receiver.ts'
import { tellMarket } from './market/story.ts'
import { prepareMove } from './move/notes.ts'
import { tellMove } from './move/story.ts'
import { prepareProduct, tellProduct } from './product/story.ts'
import { tellRelease } from './release/story.ts'
import { names, writeVersion } from './release/versions.ts'
import { tellSleep } from './sleep/story.ts'
import { type OwnHost, withOwnHosts } from './start-host.ts'
import { tellSubscription } from './subscribe/story.ts'
import { tellTeam } from './team/story.ts'
import { createTimeline, type Timeline } from './timeline.ts'
import { tellTrial } from './trial/story.ts'
import { type Walk, walk } from './walk.ts'

const usage = `Shows the way from a sign-up to data in one's own site, or the whole life of a trial.

  npm run demo                                     starts its own host and stops it again
  npm run demo -- --story trial                    advances its clock by 200 days, from the sign-up to the purge
  npm run demo -- --story subscribe                advances it too: a trial is bought, upgraded, renewed, past due, cancelled, bought again
  npm run demo -- --story sleep                    sites that nobody uses fall asleep, and the next visitor wakes them
  npm run demo -- --story release                  gives good and bad versions to sites under traffic and to sites that sleep
  npm run demo -- --story product                  a product that is not ours: tried, published, and handed to its administrator
  npm run demo -- --story market                   two offers, three campaigns, four people: leads, webhooks and reports
  npm run demo -- --story enterprise               a paid site gets custom code in another cell on a Saturday night, and goes back and forward
  npm run demo -- --story move                     a site with a database moves to another home and back; a cell is drained, another time lost
  npm run demo -- --story team                     applications that are not ours: dev, deploy, CI, a clone, a viewer, promote and rollback
  npm run demo -- --url https://try.example.com    uses a deployment, wherever it runs

  --story <name>      signup (the default), trial, subscribe, sleep, release, product, market, enterprise, move or team
  --sites <number>    how many sites the release goes to (30)
  --url <address>     the console of the deployment; prompts for the mailed code
  --email <address>   the address to sign up; with --url your own, prompted for by default
`

/** Short enough for a slug, and new in every run, because an address has one trial. */
const newSlug = (): string => `demo-${randomBytes(4).toString('hex')}`

const stories = [
  'signup',
  'trial',
  'subscribe',
  'sleep',
  'release',
  'product',
  'market',
  'enterprise',
  'move',
  'team',
] as const
type Story = (typeof stories)[number]

/** In seconds, including start and stop of the host. Printed only, because it depends on other work on the machine. */
const longestStory: { readonly [Name in Story]?: number } = {
  subscribe: 120,
  sleep: 240,
  release: 300,
  product: 180,
  market: 180,
  enterprise: 240,
  move: 300,
  team: 600,
}

const programs: { readonly [Name in Story]?: string } = {
  sleep: 'test/acceptance/sleep/host.ts',
  release: 'test/acceptance/release/host.ts',
  product: 'test/acceptance/product/host.ts',
  market: 'test/acceptance/market/host.ts',
}

/** Makes the blueprints of a story that has its own. @returns the environment of each of its hosts. */
const environmentsOf = async (story: Story, directory: string, crm: Receiver, timeline: Timeline) => {
  if (story === 'market') return [{ SITEWRIGHT_WEBHOOK_HOSTS: new URL(crm.url).host }]
  if (story === 'product') return [await prepareProduct(directory, timeline)]
  if (story === 'enterprise') return [await prepareEnterprise(directory)]
  if (story === 'move') return prepareMove(directory)
  if (story === 'team') return [{ SITEWRIGHT_POOL_SIZE: '1' }]
  if (story !== 'release') return [{}]
  await writeVersion(directory, 1, names)
  return [{ SITEWRIGHT_BLUEPRINTS: directory }]
}

interface Stage {
  /** The first of its hosts. */
  readonly url: string
  readonly home: string
  readonly hosts: readonly OwnHost[]
  readonly slug: string
  readonly directory: string
  readonly sites: number
  readonly crm: Receiver
}

const mailsOf = (mails: readonly string[]): string =>
  `The mails to the owner, and how many of each:\n${mails.map((mail) => `  ${mail}`).join('\n')}`

/** Each returns what is printed at the end. */
const tell: { readonly [Name in Story]: (person: Walk, timeline: Timeline, stage: Stage) => Promise<string> } = {
  signup: walk,
  trial: async (person, timeline, { home }) => mailsOf(await tellTrial({ ...person, home }, timeline)),
  subscribe: async (person, timeline) => mailsOf(await tellSubscription(person, timeline)),
  sleep: tellSleep,
  release: tellRelease,
  product: tellProduct,
  market: (_, timeline, { url, slug, crm }) => tellMarket({ origin: url, prefix: slug, crm }, timeline),
  enterprise: tellEnterprise,
  move: tellMove,
  team: tellTeam,
}

const driveOwnHost = async (
  { story, email, sites }: Options,
  timeline: Timeline,
  signal: AbortSignal,
): Promise<void> => {
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-story-'))
  // Programs that end with the command may still write there.
  endWithCommand(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }))
  await using crm = await openReceiver()
  const environments = await unlessEnding(signal, environmentsOf(story, directory, crm, timeline))
  await withOwnHosts({ timeline, signal, program: programs[story], environments }, async (hosts) => {
    const [{ url, home } = { url: '', home: '' }] = hosts
    const slug = newSlug()
    const findCode = (address: string) => codeFromMailbox(url, address)
    const person: Walk = { origin: url, email: email ?? `${slug}@example.com`, slug, findCode, mayMistype: false }
    console.log(`\n${await tell[story](person, timeline, { url, home, hosts, slug, directory, sites, crm })}`)
  })
}

/** Uses only what everybody may use: a deployment's API, its mail and its sites. */
const driveDeployment = async (origin: string, email: string | undefined, timeline: Timeline): Promise<void> => {
  await timeline.step(
    'find the deployment',
    () => demoApi(origin).health(),
    ({ pool }) => `${origin}, ${pool.ready} of ${pool.target} sites are ready`,
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

const optionsSchema = z
  .object({
    url: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).optional(),
    email: emailSchema.optional(),
    story: z
      .enum(stories, 'must be signup, trial, subscribe, sleep, release, product, market, enterprise, move or team')
      .default('signup'),
    // Three of each kind have a second wave.
    sites: z.coerce.number().int().min(6).max(40).default(30),
  })
  .refine(({ url, story }) => url === undefined || story === 'signup', {
    path: ['story'],
    message: 'needs its own host: leave out --url',
  })

type Options = z.output<typeof optionsSchema>

await runCommand(
  optionsSchema,
  usage,
  async (options, signal) => {
    const { url, email, story } = options
    const timeline = createTimeline((line) => console.log(line))
    const startedAt = timeline.now()
    if (url === undefined) await driveOwnHost(options, timeline, signal)
    else await unlessEnding(signal, driveDeployment(new URL(url).origin, email, timeline))
    const seconds = Math.round(timeline.since(startedAt) / 1000)
    const bar = longestStory[story]
    if (bar !== undefined) console.log(`\nAll of it took ${seconds} s; it should take under ${bar} s.`)
  },
  { explain: (error) => `\nThe demo failed. ${messageOf(error)}`, cleansUp: true },
)
