import { demoSite } from '../api.ts'
import type { BillingSubjects, createMailRecord, MailSubjects } from '../expectations.ts'
import { awaitValue, check } from '../expectations.ts'
import type { buyerCalls, elsewhereCalls, machineCalls } from '../story-api.ts'
import type { stagePlayer } from '../trial/stage.ts'

const good = '4242424242424242'
/** Stripe keeps it, and can never charge it. */
const failing = '4000000000000341'
/** A renewal is collected an hour after its period has begun. */
const collectedAfterHours = 2

/** What the months bring to a site that is paid for, each with what has to be seen then. */
export const renewals = (parts: {
  readonly siteUrl: string
  readonly play: ReturnType<typeof stagePlayer>
  readonly machine: Pick<ReturnType<typeof machineCalls>, 'now'>
  readonly buyer: Pick<ReturnType<typeof buyerCalls>, 'billing' | 'portal'>
  readonly elsewhere: Pick<ReturnType<typeof elsewhereCalls>, 'giveCard' | 'cancelInPortal'>
  readonly mails: ReturnType<typeof createMailRecord>
  readonly told: MailSubjects & BillingSubjects
  /** That all of the site's data is there, and served. */
  readonly isWhole: () => Promise<void>
}) => {
  const { siteUrl, play, machine, buyer, elsewhere, mails, told, isWhole } = parts

  const paidThrough = async (): Promise<string> => {
    const { paidThrough: until } = await buyer.billing()
    if (until === null) throw new Error('Nothing is paid for.')
    return until
  }
  const wayToRenewal = async (): Promise<string> =>
    wayTo(await machine.now(), hoursAfter(await paidThrough(), collectedAfterHours))
  const giveCard = async (card: string): Promise<void> => {
    const { customerId } = await buyer.billing()
    await elsewhere.giveCard(customerId ?? '', card)
  }
  const stateIs = (state: string) => awaitValue('billing', async () => (await buyer.billing()).state, state)
  const bannerIs = (due: string | null) => awaitValue('banner of the site', () => dueOnPage(siteUrl), due)
  const day = (instant: string): string => instant.slice(0, 10)

  return {
    renew: async () => {
      const before = await paidThrough()
      return play({
        label: 'a month later it is renewed',
        advance: await wayToRenewal(),
        status: 'active',
        look: async () => {
          const after = await paidThrough()
          check('that more is paid for', after > before, true)
          await stateIs('active')
          await bannerIs(null)
          await isWhole()
          await mails.expect()
          return `paid through ${day(after)}, before ${day(before)}`
        },
      })
    },
    giveFailingCard: () =>
      play({
        label: 'the card is changed',
        act: () => giveCard(failing),
        status: 'active',
        look: async () => {
          await stateIs('active')
          return 'to one that is kept, and will fail'
        },
      }),
    fallBehind: async () =>
      play({
        label: 'the next renewal fails',
        advance: await wayToRenewal(),
        status: 'active',
        look: async () => {
          await stateIs('past-due')
          const { graceEndsAt } = await buyer.billing()
          check('that there is a grace', (graceEndsAt ?? '') > (await machine.now()), true)
          await bannerIs(graceEndsAt)
          await isWhole()
          await mails.expect(told.overdue)
          return `past due, mailed, and on the site's banner; it runs, until ${day(graceEndsAt ?? '')} at least`
        },
      }),
    stayBehind: () =>
      play({
        label: 'five days later',
        advance: 'P5D',
        steps: ['remind'],
        status: 'active',
        look: async () => {
          await stateIs('past-due')
          await isWhole()
          await mails.expect(told.offIn('3 days'))
          return 'tried again in vain, reminded; the site runs'
        },
      }),
    giveGoodCard: () =>
      play({
        label: 'a good card is given',
        act: () => giveCard(good),
        status: 'active',
        look: async () => {
          const milliseconds = Math.round(await stateIs('active'))
          await bannerIs(null)
          await isWhole()
          await mails.expect(told.paid)
          return `what was due is paid, seen after ${milliseconds} ms; no banner any more; through ${day(await paidThrough())}`
        },
      }),
    cancel: () =>
      play({
        label: 'it is cancelled in the portal',
        act: async () => elsewhere.cancelInPortal(await buyer.portal()),
        status: 'active',
        look: async () => {
          await awaitValue('that it ends', async () => (await buyer.billing()).cancelsAtPeriodEnd, true)
          check('billing', (await buyer.billing()).state, 'active')
          await isWhole()
          await mails.expect(told.cancelled)
          return `with its period, on ${day(await paidThrough())}; the site runs`
        },
      }),
    end: async (isOff: () => Promise<void>) =>
      play({
        label: 'its period ends',
        advance: await wayToRenewal(),
        steps: ['suspend'],
        status: 'suspended',
        look: async () => {
          await stateIs('ended')
          await isOff()
          await mails.expect(told.off)
          return 'suspended; the page says so, the data is in place'
        },
      }),
  }
}

/** How far a clock has to be turned from one instant to another, as an ISO 8601 duration; to the full second after it. */
export const wayTo = (now: string, until: string): string =>
  `PT${Math.ceil((Date.parse(until) - Date.parse(now)) / 1000)}S`

/** @param hours to add. */
export const hoursAfter = (instant: string, hours: number): string =>
  new Date(Date.parse(instant) + hours * 3_600_000).toISOString()

/** Until when the banner of the welcome site's page says that the site runs, with a payment overdue; null where there is none. */
export const dueOnPage = async (siteUrl: string): Promise<string | null> => {
  const { text } = await demoSite(siteUrl).open()
  const [banner] = /<aside id="banner".*?<\/aside>/s.exec(text) ?? []
  if (banner === undefined) return null
  if (!banner.includes('A payment for this site is overdue.')) throw new Error(`The banner says: ${banner}`)
  return /<time datetime="([^"]+)">/.exec(banner)?.[1] ?? ''
}
