import type { Page } from 'playwright-core'
import { awaitText, everyVariant, onPhone, openPage, press, type Stage, show, tour } from './stage.ts'

export const signInOperator = async (stage: Stage, role: 'admin' | 'sales', email: string): Promise<Page> => {
  const page = await openPage(stage)
  const answer = await page.request.post(`${stage.url}/_local/operators/session`, { data: { email, role } })
  if (!answer.ok()) throw new Error(`The sign-in of the operator answered ${answer.status()}.`)
  return page
}

/** What the role `admin` sees. */
export const operatorScreens = async (stage: Stage): Promise<void> => {
  const { camera, url, customers } = stage
  const area = 'Operators'
  const [base, [{ siteId } = { siteId: '' }]] = [`${url}/operator/#/`, customers]
  const stranger = await openPage(stage)
  await show(stranger, `${url}/operator/`, 'Sign in as an operator')
  await camera.of(stranger, area, 'operator')('sign-in', 'The sign-in of operators on one machine.')
  await stranger.context().close()

  const page = await signInOperator(stage, 'admin', 'grace@example.com')
  const shoot = camera.of(page, area, 'operator', { windows: 1 })
  const dialog = async (button: string, name: string, caption: string): Promise<void> => {
    const own = page.getByRole('button', { name: new RegExp(`^${button}(:|$)`) }).first()
    if ((await own.count()) > 0) await own.click()
    else {
      await press(page, 'More actions')
      await page.getByRole('menuitem', { name: button }).click()
    }
    await page.getByRole('dialog').getByLabel('Reason').fill('As agreed on the telephone')
    await shoot(name, caption)
    await press(page, 'Cancel')
  }
  await tour(page, shoot, base, [
    ['overview', '', 'Recent failures', 'The overview begins with what needs attention.', everyVariant],
  ])
  await dialog('Pull the brake', 'brake', 'The brake stops all deadlines.')
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').getByRole('combobox').fill('bak')
  await awaitText(page, 'North Bakery')
  await shoot('search', 'Ctrl-K finds sites, leads, blueprints and acts.')
  await page.keyboard.press('Escape')
  await tour(page, shoot, base, [
    ['sites', 'sites', 'Holm Shipping', 'The sites with an owner, the newest first.', everyVariant],
    ['site', `sites/${siteId}`, 'Owner and place', 'One site, and what its state allows.', everyVariant],
  ])
  await dialog('Enter as support', 'enter', 'Support enters a site for a limited time.')
  await dialog('Suspend site', 'act', 'An act says what it changes, before and after.')
  await tour(page, shoot, base, [
    ['timeline', `sites/${siteId}?part=timeline`, 'Details', 'The timeline of a site, an operation in each row.'],
    ['logs', `sites/${siteId}?part=logs`, 'Show only lines with', 'What the containers of a site write, live.'],
    ['site-billing', `sites/${siteId}?part=billing`, 'Our record', 'The subscription of a site.'],
    [
      'configuration',
      // The newest site has the second version, which brings variables.
      `sites/${customers.at(-1)?.siteId}?part=configuration`,
      'CURRENCY',
      'Variables and secrets of one site, and their versions.',
      everyVariant,
    ],
  ])
  await show(page, `${base}sites?status=failed`, 'Basil Catering')
  await page.getByRole('link', { name: /basil/i }).first().click()
  await page.getByRole('tab', { name: 'Failures' }).click()
  await awaitText(page, 'cannot read the file settings.json')
  await shoot('failure', 'Why a build failed, with the last output of the container.', everyVariant)
  await tour(page, shoot, base, [
    ['roll-outs', 'rollouts', 'Watched until', 'A roll-out that waits after its first wave.', everyVariant],
  ])
  await dialog('Abort roll-out', 'abort', 'The dialog says what happens if a roll-out is aborted.')
  await tour(page, shoot, base, [
    ['blueprints', 'blueprints', 'Version of new sites', 'Blueprints, and their versions to compare.'],
    ['cells', 'cells', 'Room', 'The places where sites run.'],
    ['webhooks', 'webhooks', 'CRM', 'The endpoints of webhooks, and how deliveries went.', onPhone],
    ['billing', 'billing', 'Billing', 'The billing of all sites.'],
    ['audit-log', 'audit', 'grace@example.com', 'Who changed what, and why.'],
    ['settings', 'settings', 'Settings', 'The settings with which the installation runs.'],
    ['your-sessions', 'sessions', 'This browser', 'The sessions of an operator.'],
  ])
  await page.context().close()
}

/** What the role `sales` sees. */
export const salesScreens = async (stage: Stage): Promise<void> => {
  const page = await signInOperator(stage, 'sales', 'sales@example.com')
  const base = `${stage.url}/operator/#/`
  const shoot = stage.camera.of(page, 'Leads and reports', 'sales', { windows: 1 })
  const ready = 'Data until'
  await tour(page, shoot, base, [
    ['overview', '', 'Sites by state', 'The overview of the role sales.'],
    ['deadlines', 'leads?sort=deadline', 'Trial ends', 'The leads whose trials end first.'],
    ['leads', 'leads', 'Why', 'The leads, and the reasons for their scores.', everyVariant],
  ])
  await page.getByRole('row').nth(1).getByRole('link').first().click()
  await awaitText(page, 'What you plan')
  await shoot('lead', 'One lead: why it is worth a call, and what sales plan.', onPhone)
  await tour(page, shoot, base, [
    ['funnel', 'reports?report=funnel', ready, 'How many visitors sign up, use their site, and pay.', everyVariant],
    ['revenue', 'reports?report=revenue', ready, 'The monthly revenue, and what changed it.', onPhone],
    ['retention', 'reports?report=retention', ready, 'The use in the weeks after the sign-up.'],
    ['conversion-time', 'reports?report=conversion-time', ready, 'How many days pass until the payment.'],
    ['trial-cost', 'reports?report=trial-cost', ready, 'What trials cost.'],
  ])
  await page.context().close()
}
