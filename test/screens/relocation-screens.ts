import * as z from 'zod'
import { poll } from '../acceptance/poll.ts'
import { signInOperator } from './operator-screens.ts'
import { type Customer, signInCompany, staffCalls } from './seed.ts'
import { everyVariant, openPage, type Stage, tour } from './stage.ts'

const rehearsalMilliseconds = 120_000
const siteSchema = z.looseObject({ relocation: z.looseObject({ interruption: z.unknown() }).nullable() })

/** A day after today, such as `2026-12-05`. */
const dayAfter = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

/** Plans that a site gets the plan of a contract, and rehearses that. */
const planRelocation = async (url: string, { siteId }: Customer): Promise<void> => {
  const sales = await staffCalls(url, 'sales@example.com')
  const target = { plan: 'enterprise' }
  await sales.send('PUT', `/sites/${siteId}/relocation`, {
    target,
    window: { from: `${dayAfter(7)}T22:00`, until: `${dayAfter(8)}T02:00`, timeZone: 'Europe/Berlin' },
    contract: { number: 'SW-2027-004', firstDay: dayAfter(7), lastDay: dayAfter(372) },
    confirmDays: 14,
  })
  await sales.send('POST', `/sites/${siteId}/rehearsal`, { target, reason: 'The contract of next year' })
  const { relocation } = await poll(
    () => sales.get(`/sites/${siteId}`, siteSchema),
    (site) => site.relocation?.interruption !== null,
    { patience: rehearsalMilliseconds, pause: 500 },
  )
  if (relocation?.interruption == null) throw new Error(`The relocation of ${siteId} was not rehearsed.`)
}

/** How a customer gets another plan by contract: what sales plan, and what the owner accepts. */
export const relocationScreens = async (stage: Stage): Promise<void> => {
  const { camera, url, customers } = stage
  const [customer, ...others] = customers
  const other = others.find(({ company: { plan } }) => plan !== undefined)
  if (customer === undefined || other === undefined) throw new Error('The screens need two customers with plans.')
  await planRelocation(url, customer)
  const sales = await signInOperator(stage, 'sales', 'sales@example.com')
  await tour(sales, camera.of(sales, 'Leads and reports', 'sales'), `${url}/operator/#/sites/`, [
    [
      'relocation-form',
      `${other.siteId}?part=relocation`,
      'What changes',
      'Sales plan what a site gets by contract, and when.',
      everyVariant,
    ],
    [
      'relocation',
      `${customer.siteId}?part=relocation`,
      'Interruption',
      'A planned relocation that was rehearsed, and waits for its owner.',
      everyVariant,
    ],
  ])
  await sales.context().close()
  const owner = await openPage(stage, await signInCompany(url, customer.company))
  await tour(owner, camera.of(owner, 'Owners', 'owner'), `${url}/sites/#/sites/${customer.siteId}`, [
    ['relocation', '', 'A change of your site is planned', 'The owner accepts a planned change.', everyVariant],
  ])
  await owner.context().close()
}
