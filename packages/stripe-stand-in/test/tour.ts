import type { Stripe } from 'stripe'
import type { StripeScene } from './scene.ts'
import { buy, cards, fillCatalogue } from './scene.ts'

const expandCharge = ['data.payment.payment_intent.latest_charge']

const manage = async ({ stripe }: { stripe: Stripe }, customer: string): Promise<void> => {
  const configuration = await stripe.billingPortal.configurations.create({
    features: {
      payment_method_update: { enabled: true },
      invoice_history: { enabled: true },
      customer_update: { enabled: true, allowed_updates: ['name', 'address'] },
      subscription_cancel: {
        enabled: true,
        mode: 'at_period_end',
        cancellation_reason: { enabled: true, options: ['other'] },
      },
      subscription_update: { enabled: false },
    },
    business_profile: { headline: 'Sample' },
    metadata: { installation: 'i' },
  })
  await stripe.billingPortal.configurations.update(configuration.id, { name: 'sample', active: true })
  await stripe.billingPortal.configurations.retrieve(configuration.id)
  await stripe.billingPortal.configurations.list()
  await stripe.billingPortal.sessions.create({ customer, return_url: 'http://localhost/' })
  const endpoint = await stripe.webhookEndpoints.create({
    url: 'http://127.0.0.1:9/hook',
    enabled_events: ['*'],
    metadata: { installation: 'i' },
  })
  await stripe.webhookEndpoints.update(endpoint.id, { disabled: true })
  await stripe.webhookEndpoints.retrieve(endpoint.id)
  await stripe.webhookEndpoints.list()
  await stripe.webhookEndpoints.del(endpoint.id)
}

const lookAtMoney = async ({ stripe }: { stripe: Stripe }, customer: string, subscription: string): Promise<void> => {
  const { data } = await stripe.invoices.list({ subscription, expand: ['data.payments'] })
  const [invoice] = data
  if (invoice === undefined) throw new Error('there is no invoice')
  await stripe.invoices.retrieve(invoice.id, { expand: ['customer', 'payments.data.payment.payment_intent'] })
  await stripe.invoices.listLineItems(invoice.id)
  await stripe.invoicePayments.list({ invoice: invoice.id, expand: expandCharge })
  const { data: charges } = await stripe.charges.list({ customer, expand: ['data.refunds'] })
  await stripe.charges.retrieve(charges[0]?.id ?? '', { expand: ['customer', 'payment_intent'] })
  const { data: intents } = await stripe.paymentIntents.list({ customer })
  await stripe.paymentIntents.retrieve(intents[0]?.id ?? '')
  const { data: methods } = await stripe.paymentMethods.list({ customer })
  await stripe.paymentMethods.retrieve(methods[0]?.id ?? '')
  await stripe.customers.listPaymentMethods(customer)
}

const changeMinds = async (scene: StripeScene, subscription: string, price: string): Promise<void> => {
  const { stripe } = scene
  const { items } = await stripe.subscriptions.retrieve(subscription, { expand: ['latest_invoice', 'customer'] })
  const changed = [{ id: items.data[0]?.id ?? '', price }]
  await stripe.subscriptions.update(subscription, { items: changed, proration_behavior: 'always_invoice' })
  await stripe.subscriptions.update(subscription, { cancel_at_period_end: true })
  await stripe.subscriptions.update(subscription, { cancel_at_period_end: false, metadata: { a: 'b' } })
  await stripe.subscriptions.update(subscription, { pause_collection: { behavior: 'void' } })
  await stripe.subscriptions.update(subscription, { pause_collection: '' })
}

/** Invoices of renewals that nobody could collect, and what a person does about them. */
const dealWithInvoices = async (scene: StripeScene, customer: string, price: string): Promise<void> => {
  const { stripe } = scene
  const { subscriptionId } = await buy(scene, { customer, price })
  for (const then of ['pay', 'void', 'mark'] as const) {
    await stripe.subscriptions.update(subscriptionId, { pause_collection: { behavior: 'keep_as_draft' } })
    scene.turnDays(32)
    const { data } = await stripe.invoices.list({ subscription: subscriptionId, status: 'draft' })
    const id = data[0]?.id ?? ''
    await stripe.invoices.update(id, { auto_advance: false })
    await stripe.invoices.finalizeInvoice(id)
    if (then === 'pay') await stripe.invoices.pay(id)
    else if (then === 'void') await stripe.invoices.voidInvoice(id)
    else await stripe.invoices.markUncollectible(id)
  }
  await stripe.subscriptions.cancel(subscriptionId)
}

/** Goes everywhere once, through all that a subscription may become. Whoever stands before the stand-in sees every object of it. */
export const tour = async (scene: StripeScene): Promise<void> => {
  const { stripe } = scene
  const { customer, starter, growth } = await fillCatalogue(stripe)
  await stripe.products.update(starter.product.id, { description: 'sample', default_price: starter.month.id })
  await stripe.products.retrieve(starter.product.id, { expand: ['default_price'] })
  await stripe.products.list()
  await stripe.prices.update(growth.year.id, { nickname: 'sample' })
  await stripe.prices.retrieve(growth.year.id, { expand: ['product'] })
  await stripe.prices.list({ lookup_keys: ['growth_year'] })
  await stripe.customers.update(customer.id, { name: 'Ada', metadata: { a: 'b' } })
  const unfinished = await stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: starter.month.id, quantity: 1 }],
    customer_email: 'b@example.com',
    success_url: 'http://localhost/',
    automatic_tax: { enabled: true },
  })
  await scene.act(`/checkout/${unfinished.id}/pay`, { card: cards.declined })
  await stripe.checkout.sessions.expire(unfinished.id)
  const { subscriptionId, session } = await buy(scene, { customer: customer.id, price: starter.month.id })
  await stripe.checkout.sessions.retrieve(session.id, { expand: ['line_items', 'subscription', 'customer', 'invoice'] })
  await stripe.checkout.sessions.list({ customer: customer.id })
  await stripe.customers.retrieve(customer.id, { expand: ['subscriptions', 'invoice_settings.default_payment_method'] })
  await stripe.customers.list({ email: 'ada@example.com' })
  await manage(scene, customer.id)
  await changeMinds(scene, subscriptionId, growth.month.id)
  await lookAtMoney(scene, customer.id, subscriptionId)
  const { data } = await stripe.charges.list({ customer: customer.id })
  const refund = await stripe.refunds.create({ charge: data[0]?.id ?? '', amount: 10, reason: 'requested_by_customer' })
  await stripe.refunds.retrieve(refund.id)
  await stripe.refunds.list({ charge: data[0]?.id ?? '' })
  await scene.act('/disputes', { subscription: subscriptionId })
  const [dispute] = (await stripe.disputes.list()).data
  await stripe.disputes.retrieve(dispute?.id ?? '', { expand: ['charge'] })
  await stripe.disputes.close(dispute?.id ?? '')
  await scene.act(`/customers/${customer.id}/card`, { card: cards.failsLater })
  scene.turnDays(40)
  await lookAtMoney(scene, customer.id, subscriptionId)
  await stripe.subscriptions.list({ customer: customer.id, status: 'all', expand: ['data.latest_invoice'] })
  await stripe.subscriptions.cancel(subscriptionId)
  await scene.act(`/customers/${customer.id}/card`, { card: cards.good })
  await dealWithInvoices(scene, customer.id, starter.month.id)
  for await (const event of stripe.events.list({ limit: 20 })) await stripe.events.retrieve(event.id)
  await stripe.customers.del(customer.id)
  await stripe.customers.retrieve(customer.id)
}
