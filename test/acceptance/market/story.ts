import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { demoSite } from '../api.ts'
import { awaitValue, check } from '../expectations.ts'
import { poll } from '../poll.ts'
import { elsewhereCalls, type MachineCalls, machineCalls } from '../story-api.ts'
import type { Timeline } from '../timeline.ts'
import { type ShownLead, staffCalls, visit } from './calls.ts'
import { openPerson, type StoryPerson } from './people.ts'
import type { Receiver } from './receiver.ts'

const goodCard = '4242424242424242'
const sales = 'sales@example.com'
const patience = { patience: 60_000, pause: 250 }

/** How often the first page is opened. */
const visits = [
  { offer: 'default', campaign: 'search', times: 6 },
  { offer: 'default', campaign: 'newsletter', times: 3 },
  { offer: 'schools', campaign: 'spring', times: 5 },
  { offer: 'schools', campaign: 'search', times: 2 },
] as const

const origins = [
  { name: 'ada', offer: 'schools', campaign: 'spring' },
  { name: 'ben', offer: 'schools', campaign: 'search' },
  { name: 'cleo', offer: 'default', campaign: 'newsletter' },
  { name: 'dana', offer: 'default', campaign: 'search' },
] as const

/** What the second market adds to the configuration, as `diff` shows it. */
const configurationDiff = (): Promise<string> => {
  const files = ['one-market.ts', 'two-markets.ts'].map((name) => fileURLToPath(new URL(name, import.meta.url)))
  return new Promise((resolve) => {
    // It ends with 1 if the files differ.
    execFile('diff', files, (error, stdout) => resolve(error?.code === 'ENOENT' ? 'There is no diff here.\n' : stdout))
  })
}

const indented = (text: string): string => text.trimEnd().replaceAll(/^/gm, '    ')

const leadLine = ({ email, stage, score, reasons }: ShownLead): string =>
  [
    `${(email ?? '').padEnd(28)} ${stage.padEnd(10)} ${String(score).padStart(3)}`,
    ...reasons.map(({ text }) => `    ${text}`),
  ].join('\n')

/** It is sent from 6:00 UTC on, and calls new who came on the day before that. */
const untilDigest = async (machine: MachineCalls): Promise<string> =>
  Number((await machine.now()).slice(11, 13)) < 6 ? 'PT12H' : 'P1D'

/** Dana's writes fill her plan, and each write is stored. */
const fill = async (person: StoryPerson): Promise<void> => {
  const text = 'x'.repeat(4000)
  for (let entry = 0; entry < 230; entry += 1) await demoSite(person.url).write(text)
}

/**
 * Two offers and visitors of three campaigns, on a host whose clock advances. One uses the site, one asks for sales, one vanishes,
 * one buys and outgrows the plan. Sales see who is worth a call, a CRM gets webhooks, marketing see the funnel.
 * @throws {Error} at the first unexpected value.
 */
export const tellMarket = async (
  { origin, prefix, crm }: { readonly origin: string; readonly prefix: string; readonly crm: Receiver },
  timeline: Timeline,
): Promise<string> => {
  const { step, print } = timeline
  const machine = machineCalls(origin)
  const staff = await staffCalls(origin)
  await step('a market is added by configuration', configurationDiff, (diff) => `\n${indented(diff)}`)
  await step('a CRM is connected', async () => crm.trust(await staff.addWebhook(crm.url)))
  await step('visitors come from three campaigns', async () => {
    for (const { offer, campaign, times } of visits) {
      for (let time = 0; time < times; time += 1) await visit(origin, offer, campaign)
    }
  })
  const people: StoryPerson[] = []
  for (const person of origins) people.push(await openPerson(origin, person, prefix, timeline))
  const [ada, ben, , dana] = people
  if (ada === undefined || ben === undefined || dana === undefined) throw new Error('the story has four people')

  const stages = async () =>
    Object.fromEntries(
      (await staff.leads()).map(({ email, stage }) => [people.find((person) => person.email === email)?.name, stage]),
    )
  await step('dana buys starter', async () => {
    const { id } = await dana.buyer.checkout('starter')
    await elsewhereCalls(origin).pay(id, goodCard)
    await awaitValue('plan', dana.buyer.plan, 'starter')
  })
  await step('dana fills it', () => fill(dana))
  await step('ben asks for sales', () => ben.talkToUs('enterprise', 'We are 40 schools. What does it cost?'))
  await step(
    'sales get their digest',
    async () => {
      await machine.turn(await untilDigest(machine))
      const digests = async () => (await staff.mailsTo(sales)).filter(({ subject }) => subject.startsWith('Leads'))
      const [digest] = await poll(digests, (found) => found.length > 0, patience)
      const text = digest?.text.split('Open the leads')[0] ?? ''
      const wanted = ['New: 4', 'Hot: ', 'asked for sales once']
      check(
        'digest',
        wanted.filter((line) => text.includes(line)),
        wanted,
      )
      return text
    },
    (text) => `\n${indented(text)}`,
  )
  for (const day of [1, 2, 3]) {
    await step(`ada uses her site on day ${day}`, async () => {
      await ada.use(20)
      await machine.turn('P1D')
    })
  }
  const expected = { ada: 'engaged', ben: 'asked', cleo: 'signed-up', dana: 'expanding' }
  await step(
    'sales see who is worth a call',
    async () => {
      await awaitValue('stages', stages, expected, 250)
      return (await staff.leads()).map(leadLine).join('\n')
    },
    (lines) => `\n${indented(lines)}`,
  )
  await step('cleo never comes back', async () => {
    await machine.turn('P14D')
    await awaitValue('cleo', async () => (await stages())['cleo'], 'lost', 250)
  })
  const delivered = await step(
    'the CRM knows it all',
    async () => {
      const wanted = [
        'account.created',
        'contact.requested',
        'lead.stage-changed',
        'subscription.started',
        'trial.ending',
        'site.suspended',
      ]
      const found = async () => wanted.filter((type) => crm.verified().includes(type))
      await awaitValue('webhooks', found, wanted, 250)
      check('webhooks with a wrong signature', crm.refused(), 0)
      return Object.entries(Object.groupBy(crm.verified(), (type) => type)).map(
        ([type, each]) => `${each?.length} × ${type}`,
      )
    },
    (lines) => `${lines.length} types, all verified by the library of the specification\n${indented(lines.join('\n'))}`,
  )
  await step(
    'marketing sees the funnel by offer',
    async () => {
      const table = await staff.funnel()
      const counted = table.map((row) => row.slice(0, 6).join(' '))
      check('funnel', counted, [
        'segment visits sign_ups with_site activated paid',
        'default 9 2 2 1 1',
        'schools 7 2 2 1 0',
      ])
      return table
        .map((row) =>
          row
            .map((cell) => cell.padEnd(15))
            .join('')
            .trimEnd(),
        )
        .join('\n')
    },
    (lines) => `\n${indented(lines)}`,
  )
  print('')
  return `Four people of two offers became leads in four stages; ${delivered.length} types of webhooks arrived.`
}
