import { demoSite } from '../api.ts'
import { awaitValue, check, type createMailRecord, type MailSubjects } from '../expectations.ts'
import type { BuyerCalls, ElsewhereCalls, MachineCalls } from '../story-api.ts'
import { pageShown } from '../trial/site-data.ts'
import type { stagePlayer } from '../trial/stage.ts'

const good = '4242424242424242'
/** Stripe stores this card, but can never charge it. */
const failing = '4000000000000341'
/** Stripe collects a renewal an hour after its period begins. */
const collectedAfterMilliseconds = 2 * 3_600_000

/** @returns until when the site runs with an overdue payment, from the banner of its page; null without a banner. */
const dueOnPage = async (siteUrl: string): Promise<string | null> => {
  const { text } = await demoSite(siteUrl).open()
  const [banner] = /<aside id="banner".*?<\/aside>/s.exec(text) ?? []
  if (banner === undefined) return null
  if (!banner.includes('A payment for this site is overdue.')) throw new Error(`The banner says: ${banner}`)
  return /<time datetime="([^"]+)">/.exec(banner)?.[1] ?? ''
}

/** Plays the months of a paid site, from its first renewal to the end of its subscription. */
export const tellRenewals = async (parts: {
  readonly siteUrl: string
  readonly play: ReturnType<typeof stagePlayer>
  readonly machine: MachineCalls
  readonly buyer: BuyerCalls
  readonly elsewhere: ElsewhereCalls
  readonly mails: ReturnType<typeof createMailRecord>
  readonly told: MailSubjects
  readonly isWhole: () => Promise<void>
}): Promise<void> => {
  const { siteUrl, play, machine, buyer, elsewhere, mails, told, isWhole } = parts

  const paidThrough = async (): Promise<string> => {
    const { paidThrough: until } = await buyer.billing()
    if (until === null) throw new Error('Nothing is paid for.')
    return until
  }
  const untilRenewal = async (): Promise<string> => {
    const milliseconds = Date.parse(await paidThrough()) + collectedAfterMilliseconds - Date.parse(await machine.now())
    return `PT${Math.ceil(milliseconds / 1000)}S`
  }
  const giveCard = async (card: string): Promise<void> => {
    const { customerId } = await buyer.billing()
    await elsewhere.giveCard(customerId ?? '', card)
  }
  const stateIs = (state: string) => awaitValue('billing', async () => (await buyer.billing()).state, state)
  const bannerIs = (due: string | null) => awaitValue('banner of the site', () => dueOnPage(siteUrl), due)
  const day = (instant: string): string => instant.slice(0, 10)

  const before = await paidThrough()
  await play({ label: 'a month later it is renewed', advance: await untilRenewal() }, async () => {
    const after = await paidThrough()
    check('that more is paid for', after > before, true)
    await stateIs('active')
    await bannerIs(null)
    await isWhole()
    await mails.expect()
    return `paid through ${day(after)}, before ${day(before)}`
  })
  await play({ label: 'the card is changed', act: () => giveCard(failing) }, async () => {
    await stateIs('active')
    return 'to one that is kept, and will fail'
  })
  await play({ label: 'the next renewal fails', advance: await untilRenewal() }, async () => {
    await stateIs('past-due')
    const { graceEndsAt } = await buyer.billing()
    check('that there is a grace', (graceEndsAt ?? '') > (await machine.now()), true)
    await bannerIs(graceEndsAt)
    await isWhole()
    await mails.expect(told.overdue)
    return `past due, mailed, and on the site's banner; it runs, until ${day(graceEndsAt ?? '')} at least`
  })
  await play({ label: 'five days later', advance: 'P5D', steps: ['remind'] }, async () => {
    await stateIs('past-due')
    await isWhole()
    await mails.expect(told.offIn('3 days'))
    return 'the retries failed too; a reminder is sent, and the site runs'
  })
  await play({ label: 'a good card is given', act: () => giveCard(good) }, async () => {
    const milliseconds = Math.round(await stateIs('active'))
    await bannerIs(null)
    await isWhole()
    await mails.expect(told.paid)
    return `the overdue amount is paid, seen after ${milliseconds} ms; no banner any more; through ${day(await paidThrough())}`
  })
  const cancel = async () => elsewhere.cancelInPortal(await buyer.portal())
  await play({ label: 'it is cancelled in the portal', act: cancel }, async () => {
    await awaitValue('that it ends', async () => (await buyer.billing()).cancelsAtPeriodEnd, true)
    check('billing', (await buyer.billing()).state, 'active')
    await isWhole()
    await mails.expect(told.cancelled)
    return `with its period, on ${day(await paidThrough())}; the site runs`
  })
  const ending = { label: 'its period ends', steps: ['suspend'], status: 'suspended' }
  await play({ ...ending, advance: await untilRenewal() }, async () => {
    await stateIs('ended')
    check('page', await pageShown(siteUrl), { status: 503, title: 'This site is suspended' })
    await mails.expect(told.off('its subscription has ended'))
    return 'suspended; the page says so, the data is in place'
  })
}
