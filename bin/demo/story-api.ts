import { request } from 'undici'
import * as z from 'zod'
import { asker } from './api.ts'
import { httpCall } from './http-call.ts'

const ask = asker(httpCall)

const siteSchema = z.looseObject({
  status: z.string(),
  operation: z.string().nullable(),
  trialEndsAt: z.string().nullable(),
})
export type LivingSite = z.infer<typeof siteSchema>

const clockSchema = z.looseObject({ now: z.iso.datetime() })
const turnedSchema = z.looseObject({
  now: z.iso.datetime(),
  ran: z.array(z.looseObject({ at: z.iso.datetime(), siteId: z.string(), step: z.string() })),
  brake: z.literal('on').optional(),
})
const archivesSchema = z.looseObject({
  archives: z.array(z.looseObject({ id: z.string(), bytes: z.int(), files: z.int() })),
})
const linkSchema = z.looseObject({ url: z.url() })
const hostnameSchema = z.looseObject({ available: z.boolean() })
const operatorSchema = z.looseObject({ token: z.string() })
const mailboxSchema = z.looseObject({ messages: z.array(z.looseObject({ subject: z.string() })) })

/** Archives take their time, and many deadlines lie in half a year. */
const turnMilliseconds = 10 * 60_000

/** What a trial's owner asks about it, besides signing up. */
export const ownerCalls = (origin: string, token: string, siteId: string) => {
  const headers = { authorization: `Bearer ${token}` }
  const site = `${origin}/v1/sites/${siteId}`
  return {
    look: async () => (await ask({ url: site, headers }, [200], siteSchema)).body,
    resume: async () => (await ask({ method: 'POST', url: `${site}/resume`, headers }, [200, 202], siteSchema)).body,
    archives: async () => (await ask({ url: `${site}/archives`, headers }, [200], archivesSchema)).body.archives,
    linkTo: async (archiveId: string) =>
      (await ask({ url: `${site}/archives/${archiveId}/download`, headers }, [200], linkSchema)).body.url,
  }
}

/** What only this machine offers: its clock, its mail, and to be an operator. */
export const machineCalls = (origin: string) => ({
  now: async () => (await ask({ url: `${origin}/_local/clock` }, [200], clockSchema)).body.now,
  turn: async (advance: string) => {
    const call = { method: 'POST', url: `${origin}/_local/clock`, body: { advance } } as const
    return (await ask({ ...call, patienceMilliseconds: turnMilliseconds }, [200], turnedSchema)).body
  },
  subjectsTo: async (email: string) => {
    const url = `${origin}/_local/mail?to=${encodeURIComponent(email)}`
    return (await ask({ url }, [200], mailboxSchema)).body.messages.map(({ subject }) => subject)
  },
  becomeOperator: async (email: string) => {
    const call = { method: 'POST', url: `${origin}/_local/operators`, body: { email, role: 'support' } } as const
    return (await ask(call, [201], operatorSchema)).body.token
  },
})

/** What somebody of the staff does with a site. */
export const operatorCalls = (origin: string, token: string, siteId: string) => {
  const act = async (name: string, body: object): Promise<void> => {
    const url = `${origin}/v1/operator/sites/${siteId}/${name}`
    const headers = { authorization: `Bearer ${token}` }
    await ask({ method: 'POST', url, headers, body }, [200, 202], z.looseObject({}))
  }
  return {
    extend: (by: string, reason: string) => act('extend', { by, reason }),
    restore: (reason: string) => act('restore', { reason }),
  }
}

export const isHostnameFree = async (origin: string, slug: string): Promise<boolean> =>
  (await ask({ url: `${origin}/v1/hostnames/${slug}` }, [200], hostnameSchema)).body.available

/** @throws {Error} where it cannot be had. */
export const download = async (url: string): Promise<Buffer> => {
  const { statusCode, body } = await request(url)
  const content = Buffer.from(await body.arrayBuffer())
  if (statusCode !== 200) throw new Error(`GET of the archive answered ${statusCode}: ${content.toString()}`)
  return content
}

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
