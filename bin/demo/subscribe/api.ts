import * as z from 'zod'
import { asker } from '../api.ts'
import { httpCall } from '../http-call.ts'

const ask = asker(httpCall)

const billingSchema = z.looseObject({
  state: z.string(),
  plan: z.string(),
  interval: z.string().nullable(),
  paidThrough: z.string().nullable(),
  cancelsAtPeriodEnd: z.boolean(),
  graceEndsAt: z.string().nullable(),
  customerId: z.string().nullable(),
})

const checkoutSchema = z.looseObject({ id: z.string(), url: z.url() })
const linkSchema = z.looseObject({ url: z.url() })
const planSchema = z.looseObject({ plan: z.string() })
const domainSchema = z.looseObject({
  hostname: z.string(),
  state: z.string(),
  records: z.array(z.looseObject({ type: z.string(), name: z.string(), value: z.string() })),
})
const refusalSchema = z.looseObject({ plans: z.array(z.looseObject({ id: z.string() })) })
const declinedSchema = z.looseObject({ error: z.looseObject({ code: z.string() }) })

/** What an owner does to pay for a site, and with what its plan brings. */
export const buyerCalls = (origin: string, token: string, siteId: string) => {
  const headers = { authorization: `Bearer ${token}` }
  const site = `${origin}/v1/sites/${siteId}`
  const post = (path: string, body?: object) =>
    ({ method: 'POST', url: `${site}${path}`, headers, ...(body === undefined ? {} : { body }) }) as const
  return {
    plan: async () => (await ask({ url: site, headers }, [200], planSchema)).body.plan,
    billing: async () => (await ask({ url: `${site}/billing`, headers }, [200], billingSchema)).body,
    checkout: async (plan: string) =>
      (await ask(post('/checkout', { plan, interval: 'month' }), [200, 201], checkoutSchema)).body,
    changePlan: async (plan: string) => {
      await ask(post('/plan', { plan, interval: 'month' }), [200], billingSchema)
    },
    portal: async () => (await ask(post('/portal'), [200], linkSchema)).body.url,
    addDomain: async (hostname: string) => (await ask(post('/domains', { hostname }), [201], domainSchema)).body,
    /** @returns the ids of the plans that have domains. */
    addDomainInVain: async (hostname: string) =>
      (await ask(post('/domains', { hostname }), [402], refusalSchema)).body.plans.map(({ id }) => id),
    verifyDomain: async (hostname: string) =>
      (await ask(post(`/domains/${hostname}/verification`), [200], domainSchema)).body,
  }
}

/** What a person does at Stripe's pages, and at whoever keeps their DNS, on a machine that stands in for both. */
export const elsewhereCalls = (origin: string) => {
  const stripe = `${origin}/_local/stripe`
  return {
    pay: async (session: string, card: string) => {
      await ask(
        { method: 'POST', url: `${stripe}/checkout/${session}/pay`, body: { card } },
        [200],
        z.looseObject({ status: z.literal('complete') }),
      )
    },
    /** @returns why the card was declined. */
    payInVain: async (session: string, card: string) => {
      const call = { method: 'POST', url: `${stripe}/checkout/${session}/pay`, body: { card } } as const
      return (await ask(call, [402], declinedSchema)).body.error.code
    },
    giveCard: async (customer: string, card: string) => {
      const url = `${stripe}/customers/${customer}/card`
      await ask({ method: 'POST', url, body: { card } }, [200], z.looseObject({ id: z.string() }))
    },
    /** Presses the button of the portal's only subscription that can be cancelled. */
    cancelInPortal: async (portal: string) => {
      const { text } = await httpCall({ url: portal, headers: { accept: 'text/html' } })
      const [, subscription] = /value="cancel">\s*<input[^>]*name="subscription" value="(sub_[^"]+)"/.exec(text) ?? []
      if (subscription === undefined) throw new Error('The portal has no subscription to cancel.')
      const { status } = await httpCall({
        method: 'POST',
        url: portal,
        headers: { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
        content: new URLSearchParams({ action: 'cancel', subscription }).toString(),
      })
      if (status !== 200) throw new Error(`The portal answered ${status} to a cancellation.`)
    },
    setRecord: async ({
      type,
      name,
      value,
    }: {
      readonly type: string
      readonly name: string
      readonly value: string
    }) => {
      const url = `${origin}/_local/dns/${name}`
      await ask({ method: 'PUT', url, body: { [type]: value } }, [200], z.unknown())
    },
  }
}
