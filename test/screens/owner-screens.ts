import type { Page } from 'playwright-core'
import { buyerCalls, elsewhereCalls } from '../acceptance/story-api.ts'
import { signInCompany } from './seed.ts'
import { awaitText, everyVariant, findByStatus, onPhone, openPage, press, type Stage, show, tour } from './stage.ts'

const area = 'Owners'

/** The newcomer during the trial. */
export const trialScreens = async ({ camera, url }: Stage, page: Page): Promise<void> => {
  const shoot = camera.of(page, area, 'owner')
  await show(page, `${url}/sites/`, 'Acme Pumps')
  await shoot('sites', 'The sites of an account.')
  await page.getByRole('link', { name: 'Acme Pumps' }).first().click()
  await awaitText(page, 'Address')
  await shoot('trial', 'A site during its trial: how long it lasts, and what happens then.', everyVariant)
  await press(page, 'More actions for this site')
  await page.getByRole('menu').waitFor()
  await shoot('menu', 'A menu has what is needed less often.')
  await page.keyboard.press('Escape')
  await show(page, `${page.url()}?part=plans`, 'Choose Starter')
  await shoot('plans', 'Plans and prices.', onPhone)
  await press(page, 'Choose Starter')
  await awaitText(page, 'No money moves')
  await shoot('checkout', 'The checkout of the stand-in for Stripe.', onPhone)
  await page.context().close()
}

/** The oldest customer connects a domain, and starts to connect another one. */
const connectDomains = async ({ url }: Stage, token: string, siteId: string): Promise<void> => {
  const buyer = buyerCalls(url, token, siteId)
  const { hostname, records } = await buyer.addDomain('www.north-bakery.com')
  for (const record of records) await elsewhereCalls(url).setRecord(record)
  await buyer.verifyDomain(hostname)
  await buyer.addDomain('shop.north-bakery.com')
}

/** What the oldest customer does: a change of the plan, copies, a shared link, a deletion. */
export const customerScreens = async (stage: Stage): Promise<void> => {
  const { camera, url } = stage
  const [customer] = stage.customers
  if (customer === undefined) throw new Error('The screens need a customer: no company has bought a plan.')
  const { siteId, company } = customer
  const token = await signInCompany(url, company)
  await connectDomains(stage, token, siteId)
  const page = await openPage(stage, token)
  const shoot = camera.of(page, area, 'owner')
  const site = `${url}/sites/#/sites/${siteId}`
  const dialog = async (button: string | RegExp, name: string, caption: string): Promise<void> => {
    await press(page, button)
    await page.getByRole('dialog').waitFor()
    await page.getByText('asking Stripe').waitFor({ state: 'hidden' })
    await shoot(name, caption)
    await page.keyboard.press('Escape')
  }
  await tour(page, shoot, site, [
    ['customer', '', 'Awake', 'The site of a customer, and how much of the plan it uses.', everyVariant],
    ['paid-plan', '?part=plans', 'Last invoice', 'A subscription with the last invoice and its receipt.', onPhone],
  ])
  await dialog('Change to Starter', 'change-plan', 'Before a change of the plan, the page says what it costs.')
  await tour(page, shoot, site, [
    [
      'domains',
      '?part=domains',
      'shop.north-bakery.com',
      'One domain is connected, and one needs its records.',
      onPhone,
    ],
  ])
  await show(page, `${site}?part=copies`, 'Make a copy now')
  await press(page, 'Make a copy now')
  await awaitText(page, 'The copy is complete and verified.')
  await shoot('copies', 'Copies of the data, to download or to restore.')
  await dialog(/^Restore/, 'restore', 'A restore first keeps the present data as a copy.')
  await show(page, `${site}?part=sharing`, 'Create link')
  await press(page, 'Create link')
  await awaitText(page, 'This link is shown only now.')
  await shoot('sharing', 'A link to a page for people who decide.')
  const shared = /https?:\S+#\S+/.exec(await page.locator('body').innerText())?.[0]
  await tour(page, shoot, site, [
    ['history', '?part=history', 'Your data was copied', 'Who did what with the site.'],
    ['settings', '?part=settings', 'Delete site', 'The settings of a site.'],
  ])
  await dialog('Delete site', 'delete', 'An owner can cancel a deletion for some days.')
  await tour(page, shoot, '', [
    ['account', `${url}/sites/#/account`, 'This browser', 'The account of an owner and its sessions.'],
    [
      'shared',
      shared ?? '',
      'Data and security',
      'The page for people who decide: price, use, security.',
      everyVariant,
    ],
  ])
  await page.context().close()
}

/** Owners whose trials have ended. */
export const stoppedScreens = async (stage: Stage): Promise<void> => {
  for (const status of ['suspended', 'archived'] as const) {
    const { company, siteId } = await findByStatus(stage, status)
    const page = await openPage(stage, await signInCompany(stage.url, company))
    await tour(page, stage.camera.of(page, area, 'owner'), `${stage.url}/sites/#/sites/${siteId}`, [
      [status, '', 'Address', `A site that is ${status}, and what its owner can do.`, onPhone],
    ])
    await page.context().close()
  }
}
