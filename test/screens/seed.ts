import { rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import * as z from 'zod'
import { readBlueprint } from '../../adapters/files/blueprint-files.ts'
import { operatorToken } from '../../bin/command-line/operator-token.ts'
import { publishOnMachine } from '../../bin/publish/publish-on-machine.ts'
import { eachAtOnce } from '../../core/each-at-once.ts'
import { asker, demoApi, demoSite } from '../acceptance/api.ts'
import { codeFromMailbox } from '../acceptance/find-code.ts'
import { staffCalls as marketCalls, visit } from '../acceptance/market/calls.ts'
import type { Receiver } from '../acceptance/market/receiver.ts'
import { poll } from '../acceptance/poll.ts'
import { buyerCalls, elsewhereCalls } from '../acceptance/story-api.ts'
import { createTimeline } from '../acceptance/timeline.ts'
import { signIn, waitUntilBuilt } from '../acceptance/walk.ts'
import { httpCall } from '../support/http-call.ts'
import { type Company, companies, steps } from './companies.ts'
import type { startPastHost } from './past-host.ts'

type PastHost = Awaited<ReturnType<typeof startPastHost>>
const ask = asker(httpCall)
const goodCard = '4242424242424242'
const quiet = createTimeline(() => undefined)
const blueprints = resolve(import.meta.dirname, '../../blueprints')
const patience = { patience: 60_000, pause: 250 }

export interface Customer {
  readonly company: Company
  /** Of their sign-up. A session ends. */
  readonly token: string
  readonly siteId: string
  readonly url: string
}

/** Writes a version of the welcome site that can fail. @returns its file. */
export const writeRelease = async (directory: string, version: number): Promise<string> => {
  const welcome = await readBlueprint(join(blueprints, 'welcome.yaml'))
  const containers = welcome.containers.map(({ build, process, environment, ...kept }) => ({
    ...kept,
    ...(build && { build: { ...build, context: resolve(blueprints, build.context) } }),
    process: {
      command: ['node', resolve(import.meta.dirname, 'start-release.mjs')],
      directory: resolve(blueprints, process?.directory ?? '.'),
    },
    environment: { ...environment, RELEASE: String(version), BROKEN: join(directory, 'broken') },
    ...(version > 1 && { variables: ['CURRENCY', 'NEWS'], secrets: ['MAIL_KEY'] }),
  }))
  // They come with the second version.
  const variables = version > 1 && {
    CURRENCY: { description: 'The currency of prices.', default: 'EUR', values: ['EUR', 'USD', 'GBP'] },
    NEWS: { description: 'A line at the top of each page.' },
    MAIL_KEY: { secret: true, description: 'The key of the mail service.' },
  }
  const release = { migrates: version > 1, backwardCompatible: true, bakeSeconds: 3600 }
  const file = join(directory, 'welcome.json')
  await writeFile(file, JSON.stringify({ ...welcome, version, containers, release, ...(variables && { variables }) }))
  return file
}

/** What staff do by the API. */
export const staffCalls = async (origin: string, email: string) => {
  const headers = { authorization: `Bearer ${await operatorToken(origin, email)}` }
  const base = `${origin}/v1/operator`
  return {
    get: async <Output>(path: string, schema: z.ZodType<Output>): Promise<Output> =>
      (await ask({ url: `${base}${path}`, headers }, [200], schema)).body,
    send: async (method: 'POST' | 'PATCH' | 'PUT', path: string, body: object): Promise<void> => {
      const json = { ...headers, 'content-type': 'application/json' }
      const answer = await fetch(`${base}${path}`, { method, headers: json, body: JSON.stringify(body) })
      if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`)
    },
  }
}
type Staff = Awaited<ReturnType<typeof staffCalls>>

/** @returns the token of a new session. */
export const signInCompany = async (origin: string, { email, slug, attribution }: Company): Promise<string> => {
  const said = { attribution, marketingConsent: 'sign-up-2' }
  const findCode = (address: string) => codeFromMailbox(origin, address)
  // An earlier code may be found first.
  return (await signIn({ origin, email, slug, findCode, mayMistype: true, said }, quiet)).token
}

const signUpCompany = async (origin: string, company: Company, awaitBuilt = waitUntilBuilt): Promise<Customer> => {
  const token = await signInCompany(origin, company)
  const owner = demoApi(origin, token)
  const { site } = await owner.createSite(company.slug, company.name)
  await awaitBuilt(() => owner.getSite(site.id))
  return { company, token, siteId: site.id, url: site.url }
}

const buy = async (origin: string, { company, siteId }: Customer): Promise<void> => {
  const { plan } = company
  if (plan === undefined) return
  // The session of the sign-up has ended where the clock caught up by three weeks.
  const buyer = buyerCalls(origin, await signInCompany(origin, company), siteId)
  const { id } = await buyer.checkout(plan)
  await elsewhereCalls(origin).pay(id, goodCard)
  const bought = await poll(buyer.plan, (shown) => shown === plan, patience)
  if (bought !== plan) throw new Error(`The site ${siteId} has not got the plan ${plan}.`)
}

const notes = [
  'Opening hours: Monday to Friday, 9 to 5',
  'New: order by telephone until noon',
  'Welcome to our new site',
]

/** Visitors come, also to sites that are suspended. */
const visitSites = (customers: readonly Customer[]): Promise<void> =>
  eachAtOnce(customers, 4, async ({ company: { visits }, url }) => {
    for (let count = 0; count < visits; count += 1) await httpCall({ url, headers: { accept: 'text/html' } })
  })

/** Ninety days: companies sign up, use their sites, buy or leave. @returns the customers in this order. */
const livePast = async (host: PastHost, print: (line: string) => void): Promise<Customer[]> => {
  const origin = host.url
  const customers: Customer[] = []
  for (const [step, days] of steps.entries()) {
    await host.advance(days)
    // It takes some seconds.
    if (days < 7 || step % 3 === 2) await host.catchUp()
    for (let count = 0; count < 3 + (step % 5); count += 1) await visit(origin, 'default', 'spring')
    for (const company of companies.filter((one) => one.step === step)) {
      const customer = await signUpCompany(origin, company)
      for (const note of notes.slice(0, company.visits)) await demoSite(customer.url).write(note)
      customers.push(customer)
    }
    for (const customer of customers.filter(({ company }) => company.step === step - 1)) await buy(origin, customer)
    await visitSites(customers)
    print(`  step ${step + 1} of ${steps.length}: ${customers.length} sites`)
  }
  return customers
}

/** Two companies whose sites could not be built. */
const failBuilds = async (origin: string, directory: string): Promise<void> => {
  const broken = join(directory, 'broken')
  await writeFile(broken, '')
  for (const name of ['Northern Lights Travel', 'Basil Catering']) {
    const slug = name.toLowerCase().replaceAll(' ', '-')
    const company = { name, slug, email: `kim@${slug}.example`, step: 0, attribution: {}, plan: undefined, visits: 0 }
    await signUpCompany(origin, company, async (check) => {
      const site = await poll(check, ({ status }) => status !== 'building', patience)
      if (site.status !== 'failed') throw new Error(`The site ${slug} is ${site.status} and should have failed.`)
      return site
    })
  }
  await rm(broken)
}

const leadsSchema = z.looseObject({
  leads: z.array(z.looseObject({ id: z.string(), email: z.string().nullable(), revision: z.int() })),
})

/** Sales assign leads, write notes and plan next steps. */
const workOnLeads = async (sales: Staff, tomorrow: string): Promise<void> => {
  const { leads } = await sales.get('/leads?limit=50', leadsSchema)
  const works = [
    { note: 'Called: they want courses, and to start in January.', nextStep: { text: 'Send the offer', at: tomorrow } },
    { note: 'No budget before January.', outcome: 'later', nextStep: { text: 'Call again', at: tomorrow } },
    { note: 'Asked about single sign-on.', nextStep: { text: 'Show the demo', at: tomorrow } },
  ]
  for (const [index, work] of works.entries()) {
    const lead = leads[index]
    if (lead === undefined) throw new Error('There are fewer leads than the screens need.')
    const body = { revision: lead.revision, assignee: 'sales@example.com', ...work }
    await sales.send('PATCH', `/leads/${lead.id}`, body)
  }
}

const contact = async (origin: string, { token, siteId }: Customer, topic: string, message: string): Promise<void> => {
  const headers = { authorization: `Bearer ${token}` }
  const url = `${origin}/v1/sites/${siteId}/contact-requests`
  await ask({ method: 'POST', url, headers, body: { topic, message } }, [204], z.unknown())
}

const rolloutsSchema = z.looseObject({
  rollouts: z.array(z.looseObject({ state: z.string(), done: z.int(), failed: z.array(z.unknown()) })),
})

/** A roll-out that waits after its first wave. */
const startRollout = async (origin: string, directory: string, admin: Staff): Promise<void> => {
  await publishOnMachine(await writeRelease(directory, 2), { url: origin })
  const body = { blueprint: 'welcome', version: 2, waves: [{ percent: 60 }], failureBudget: 5 }
  const currentSchema = z.looseObject({ blueprints: z.array(z.looseObject({ current: z.int().nullable() })) })
  await poll(
    () => admin.get('/blueprints', currentSchema),
    ({ blueprints: [first] }) => first?.current === 2,
    patience,
  )
  await admin.send('POST', '/rollouts', { ...body, reason: 'Release 2 adds currencies.' })
  const [rollout] = await poll(
    async () => (await admin.get('/rollouts', rolloutsSchema)).rollouts,
    ([first]) => (first?.done ?? 0) >= 3,
    patience,
  )
  if (rollout?.state !== 'running') throw new Error(`The roll-out is ${rollout?.state} and should be running.`)
}

/**
 * Brings an installation to life by real requests: companies of ninety days, leads, two failed builds, a roll-out.
 * @param parts.directory has the blueprints of the host.
 * @returns the customers, the oldest first.
 */
export const seed = async (parts: {
  readonly host: PastHost
  readonly directory: string
  readonly crm: Receiver
  readonly print: (line: string) => void
}): Promise<readonly Customer[]> => {
  const { host, directory, crm, print } = parts
  const origin = host.url
  crm.trust(await (await marketCalls(origin)).addWebhook(crm.url))
  const customers = await livePast(host, print)
  const [viola, cedar] = customers.filter(({ company: { plan } }) => plan === undefined).toReversed()
  if (viola === undefined || cedar === undefined) throw new Error('The screens need two companies without a plan.')
  await contact(origin, viola, 'enterprise', 'We are twelve teachers. What does it cost with single sign-on?')
  await contact(origin, cedar, 'plans', 'Can we pay once a year?')
  await failBuilds(origin, directory)
  print('  two builds have failed')
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
  await workOnLeads(await staffCalls(origin, 'sales@example.com'), tomorrow)
  await startRollout(origin, directory, await staffCalls(origin, 'grace@example.com'))
  for (const company of companies.slice(customers.length)) customers.push(await signUpCompany(origin, company))
  print('  a roll-out is running')
  return customers
}
