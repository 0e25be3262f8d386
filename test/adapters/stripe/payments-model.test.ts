import { type Instant, plusDays } from '../../../core/instant.ts'
import { createPaymentsModel } from '../../support/billing/payments-model.ts'
import { paymentsContract } from './contract.ts'

paymentsContract('The model of Stripe in memory', async () => {
  let now: Instant = '2026-03-01T12:00:00.000Z'
  const model = createPaymentsModel({ now: () => now })
  let refunded: string | undefined
  return {
    payments: {
      ...model.payments,
      refund: (id) => {
        refunded = id
        return model.payments.refund(id)
      },
    },
    subscribeForeigner: async (customerId) => {
      const id = model.create({ customerId, price: { plan: 'growth', interval: 'month', currency: 'EUR' } })
      model.collect(id)
      return id
    },
    pay: async (id, card) => model.pay(id, card === 'good' ? 'good' : 'failing') !== undefined,
    changeCard: async (customerId, card) => model.giveCard(customerId, card),
    confirm: async (id) => model.confirm(id),
    deleteCustomer: async (customerId) => model.deleteCustomer(customerId),
    dispute: async (id) => model.dispute(id),
    decide: async (disputeId, outcome) => model.decide(disputeId, outcome),
    failRefund: async () => model.failRefund(refunded ?? ''),
    pause: async (id) => model.change(id, { status: 'paused' }),
    resume: async (id) => model.resume(id),
    endAt: async (id, cancelAt) => model.change(id, { cancelAt }),
    writeOff: async (id) => model.writeOff(id),
    turnDays: (days) => {
      const end = plusDays(now, days)
      for (let next = model.nextAt(); next !== undefined && next <= end; next = model.nextAt()) {
        now = next > now ? next : now
        model.turn()
      }
      now = end
    },
    now: () => now,
    close: async () => undefined,
  }
})
