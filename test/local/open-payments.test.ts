import { expect, it } from 'vitest'
import { WithoutPayments } from '../../core/ports/payments.ts'
import { openPayments } from '../../local/open-payments.ts'
import config from '../../sitewright.config.ts'

it('has no payments without a key', async () => {
  const none = () => undefined
  const log = { info: none, warn: none, error: none }
  const { payments } = openPayments(undefined, { installation: 'sample', catalogue: config, wall: () => '', log })
  await expect(payments.listSubscriptions()[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(WithoutPayments)
  await expect(payments.hasCustomer('cus_1')).rejects.toBeInstanceOf(WithoutPayments)
})
