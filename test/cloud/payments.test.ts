import { expect, it } from 'vitest'
import { openPayments } from '../../cloud/parts/payments.ts'
import { planCatalogue } from '../../core/plan/plan-catalogue.ts'
import { WithoutPayments } from '../../core/ports/payments.ts'
import config from '../../sitewright.config.ts'

const hasCustomerWith = async (secret: string) => {
  const errors: unknown[] = []
  const none = () => undefined
  const payments = openPayments(
    {
      names: { installation: 'sample' },
      log: { info: none, warn: none, error: (fields) => errors.push(fields.event) },
      payments: { mode: 'test', tax: 'none' },
      plans: planCatalogue(config.plans),
      variable: () => 'arn',
    },
    { valueOf: async () => secret },
  )
  const error: unknown = await payments.hasCustomer('cus_1').catch((thrown: unknown) => thrown)
  return { error, errors }
}

it('has no payments while the secret is what AWS generated', async () => {
  expect(await hasCustomerWith('a1B2'.repeat(11).slice(1))).toEqual({ error: new WithoutPayments(), errors: [] })
})

it.each(['pk_test_1', 'sk_live_1', 'something else'])('says that %s is no key for it', async (secret) => {
  const { error, errors } = await hasCustomerWith(secret)
  expect(error).toMatchObject({ kind: 'Unavailable' })
  expect(error).not.toBeInstanceOf(WithoutPayments)
  expect(errors).toEqual(['stripe-key-unusable'])
})
