import type { Stripe } from 'stripe'
import { buy, cards, fillCatalogue, type StripeScene } from './scene.ts'

const manage = async ({ stripe }: { stripe: Stripe }, customer: string): Promise<void> => {
  const configuration = await stripe.billingPortal.configurations.create({
    features: {
      payment_method_update: { enabled: true },
      invoice_history: { enabled: true },
      customer_update: { enabled: true, allowed_updates: ['name', 'address'] },
      subscription_cancel: { enabled: true, mode: 'at_period_end' },
      subscription_update: { enabled: false },
    },
    metadata: { installation: 'i' },
  })
  await stripe.billingPortal.configurations.update(configuration.id, { active: true })
  await stripe.billingPortal.configurations.list()
  const visit = { customer, configuration: configuration.id, return_url: 'http://localhost/' }
  await stripe.billingPortal.sessions.create(visit)
  const endpoint = await stripe.webhookEndpoints.create({
    url: 'http://127.0.0.1:9/hook',
    enabled_events: ['*'],
    metadata: { installation: 'i' },
  })
  await stripe.webhookEndpoints.update(endpoint.id, { disabled: true })
  await stripe.webhookEndpoints.list()
}

const checkMoney = async ({ stripe }: { stripe: Stripe }, customer: string, subscription: string): Promise<void> => {
  const { data } = await stripe.invoices.list({ subscription, expand: ['data.payments', 'data.customer'] })
  const invoice = data[0]?.id ?? ''
  await stripe.invoices.listLineItems(invoice)
  await stripe.invoicePayments.list({ invoice, expand: ['data.payment.payment_intent.latest_charge'] })
  const { data: charges } = await stripe.charges.list({ customer, expand: ['data.refunds'] })
  await stripe.charges.retrieve(charges[0]?.id ?? '', { expand: ['customer', 'payment_intent'] })
  await stripe.paymentIntents.list({ customer })
}

const changeMinds = async (
  { stripe, act }: StripeScene,
  { customer, subscription }: { readonly customer: string; readonly subscription: string },
  { price, dearer }: { readonly price: string; readonly dearer: string },
): Promise<void> => {
  const { items } = await stripe.subscriptions.retrieve(subscription, { expand: ['latest_invoice', 'customer'] })
  const atOnce = 'always_invoice' as const
  const change = { items: [{ id: items.data[0]?.id ?? '', price }], proration_behavior: atOnce }
  await stripe.invoices.createPreview({ subscription, subscription_details: change })
  await stripe.subscriptions.update(subscription, { ...change, payment_behavior: 'error_if_incomplete' })
  await act(`/customers/${customer}/card`, { card: cards.authenticates })
  const { latest_invoice } = await stripe.subscriptions.update(subscription, {
    items: [{ id: items.data[0]?.id ?? '', price: dearer }],
    proration_behavior: atOnce,
    payment_behavior: 'pending_if_incomplete',
  })
  await stripe.invoices.retrieve(String(latest_invoice), { expand: ['payments'] })
  await stripe.invoices.voidInvoice(String(latest_invoice))
  await act(`/customers/${customer}/card`, { card: cards.good })
  await stripe.subscriptions.update(subscription, { cancel_at_period_end: true })
  await stripe.subscriptions.update(subscription, { cancel_at_period_end: false, metadata: { a: 'b' } })
  await stripe.subscriptions.update(subscription, { cancel_at: (items.data[0]?.current_period_end ?? 0) + 86_400 })
  await stripe.subscriptions.update(subscription, { cancel_at: '' })
}

/** Calls every operation once, so that all kinds of objects are answered in most of their states. */
export const tour = async (scene: StripeScene): Promise<void> => {
  const { stripe } = scene
  const { customer, starter, growth } = await fillCatalogue(stripe)
  await stripe.products.update(starter.product.id, { name: 'sample', active: true })
  await stripe.products.list()
  await stripe.prices.update(growth.year.id, { active: false })
  await stripe.prices.list({ lookup_keys: ['growth_year'], expand: ['data.product'] })
  const unfinished = await stripe.checkout.sessions.create({
    mode: 'subscription',
    customer: customer.id,
    line_items: [{ price: starter.month.id, quantity: 1 }],
    success_url: 'http://localhost/',
  })
  await scene.act(`/checkout/${unfinished.id}/pay`, { card: cards.declined })
  await stripe.checkout.sessions.expire(unfinished.id)
  const { subscriptionId, session } = await buy(scene, { customer: customer.id, price: starter.month.id })
  await stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription', 'customer', 'invoice'] })
  await stripe.customers.list({ email: 'ada@example.com' })
  await manage(scene, customer.id)
  const dearer = await stripe.prices.create({
    product: growth.product.id,
    currency: 'eur',
    unit_amount: 9900,
    recurring: { interval: 'month' },
  })
  await changeMinds(
    scene,
    { customer: customer.id, subscription: subscriptionId },
    { price: growth.month.id, dearer: dearer.id },
  )
  await checkMoney(scene, customer.id, subscriptionId)
  const charged = (await stripe.charges.list({ customer: customer.id })).data
  const data = charged.filter(({ status }) => status === 'succeeded')
  await stripe.refunds.create({ charge: data[0]?.id ?? '' })
  await stripe.refunds.list()
  await scene.act('/disputes', { charge: data[1]?.id })
  const [dispute] = (await stripe.disputes.list()).data
  await stripe.disputes.retrieve(dispute?.id ?? '', { expand: ['charge.customer'] })
  await scene.act(`/customers/${customer.id}/card`, { card: cards.failsLater })
  await stripe.customers.retrieve(customer.id, { expand: ['invoice_settings.default_payment_method'] })
  scene.turnDays(40)
  await checkMoney(scene, customer.id, subscriptionId)
  await stripe.subscriptions.list({ customer: customer.id, status: 'all', expand: ['data.latest_invoice'] })
  for (const { id } of (await stripe.invoices.list({ subscription: subscriptionId, status: 'open' })).data) {
    await stripe.invoices.update(id, { auto_advance: false, metadata: { held: 'true' } })
    await stripe.invoices.markUncollectible(id)
  }
  await stripe.subscriptions.cancel(subscriptionId)
  await stripe.subscriptions.retrieve(subscriptionId)
  for await (const _event of stripe.events.list({ limit: 20 }));
  await stripe.customers.update(customer.id, { email: '' })
  await stripe.customers.listTaxIds(customer.id)
  for (const { id } of (await stripe.customers.listPaymentMethods(customer.id)).data) {
    await stripe.paymentMethods.update(id, { billing_details: { name: '', email: '', phone: '', address: '' } })
    await stripe.paymentMethods.detach(id)
  }
  await stripe.customers.del(customer.id)
  await stripe.customers.retrieve(customer.id)
}
