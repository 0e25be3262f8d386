import { setTimeout as pause } from 'node:timers/promises'
import { request } from 'undici'
import * as z from 'zod'
import { httpCall } from '../support/http-call.ts'
import { asker, UnexpectedAnswer } from './api.ts'

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

/** Long, because archiving takes time, and half a year has many deadlines. */
const turnMilliseconds = 10 * 60_000

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
const recordSchema = z.looseObject({ type: z.string(), name: z.string(), value: z.string() })
const domainSchema = z.looseObject({ hostname: z.string(), state: z.string(), records: z.array(recordSchema) })
const credentialsSchema = z.looseObject({ credentials: z.tuple([z.looseObject({ value: z.string() })]) })
const refusalSchema = z.looseObject({ plans: z.array(z.looseObject({ id: z.string() })) })
const declinedSchema = z.looseObject({ error: z.looseObject({ code: z.string() }) })

const callsBelow = (base: string, token?: string) => {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return {
    get: async <Output>(path: string, schema: z.ZodType<Output>): Promise<Output> =>
      (await ask({ url: `${base}${path}`, headers }, [200], schema)).body,
    post: async <Output>(path: string, body: object | undefined, statuses: number[], schema: z.ZodType<Output>) => {
      const call = { method: 'POST', url: `${base}${path}`, headers } as const
      return (await ask(body === undefined ? call : { ...call, body }, statuses, schema)).body
    },
  }
}

export const ownerCalls = (origin: string, token: string, siteId: string) => {
  const { get, post } = callsBelow(`${origin}/v1/sites/${siteId}`, token)
  return {
    read: () => get('', siteSchema),
    resume: () => post('/resume', undefined, [200, 202], siteSchema),
    /** Asks for a copy. */
    copy: () => post('/archives', undefined, [202], z.unknown()),
    archives: async () => (await get('/archives', archivesSchema)).archives,
    linkTo: async (archiveId: string) => (await get(`/archives/${archiveId}/download`, linkSchema)).url,
  }
}

/** Calls that only this machine offers: its clock, its mail and operators' tokens. */
export const machineCalls = (origin: string) => {
  const { get, post } = callsBelow(`${origin}/_local`)
  return {
    origin,
    now: async () => (await get('/clock', clockSchema)).now,
    turn: async (advance: string) => {
      const call = { method: 'POST', url: `${origin}/_local/clock`, body: { advance } } as const
      return (await ask({ ...call, patienceMilliseconds: turnMilliseconds }, [200], turnedSchema)).body
    },
    subjectsTo: async (email: string) => {
      const { messages } = await get(`/mail?to=${encodeURIComponent(email)}`, mailboxSchema)
      return messages.map(({ subject }) => subject)
    },
    becomeOperator: async (email: string) =>
      (await post('/operators', { email, role: 'support' }, [201], operatorSchema)).token,
  }
}

export const operatorCalls = (origin: string, token: string, siteId: string) => {
  const { post } = callsBelow(`${origin}/v1/operator/sites/${siteId}`, token)
  return {
    extend: (by: string, reason: string) => post('/extend', { by, reason }, [200, 202], z.looseObject({})),
    restore: (reason: string) => post('/restore', { reason }, [200, 202], z.looseObject({})),
  }
}

export const isHostnameFree = async (origin: string, slug: string): Promise<boolean> =>
  (await callsBelow(origin).get(`/v1/hostnames/${slug}`, hostnameSchema)).available

/** @throws {Error} if the answer is not 200. */
export const download = async (url: string): Promise<Buffer> => {
  const { statusCode, body } = await request(url)
  const content = Buffer.from(await body.arrayBuffer())
  if (statusCode !== 200) throw new Error(`GET of the archive answered ${statusCode}: ${content.toString()}`)
  return content
}

/** An owner's calls to pay for a site and to use the features of its plan. */
export const buyerCalls = (origin: string, token: string, siteId: string) => {
  const { get, post } = callsBelow(`${origin}/v1/sites/${siteId}`, token)
  return {
    plan: async () => (await get('', z.looseObject({ plan: z.string() }))).plan,
    billing: () => get('/billing', billingSchema),
    checkout: (plan: string) => post('/checkout', { plan, interval: 'month' }, [200, 201], checkoutSchema),
    changePlan: async (plan: string): Promise<void> => {
      for (let tries = 1; ; tries += 1) {
        try {
          await post('/plan', { plan, interval: 'month' }, [200], billingSchema)
          return
        } catch (error) {
          // On a busy machine Stripe's stand-in may take too long, and the answer says to try again.
          if (!(error instanceof UnexpectedAnswer && error.status === 503) || tries === 5) throw error
          await pause(2000)
        }
      }
    },
    /** Goes into the site as its owner. @returns the cookie. */
    enter: async () => {
      const { url } = await post('/entrance', undefined, [201], linkSchema)
      const { cookie, status } = await httpCall({ url })
      if (status !== 303 || cookie === undefined) throw new Error(`The entrance answered ${status}.`)
      return cookie
    },
    /** @returns the value of the only credential, which is shown once. */
    revealPassword: async () => (await post('/credentials', undefined, [200], credentialsSchema)).credentials[0].value,
    requireNoCredentials: () => post('/credentials', undefined, [409], z.looseObject({})),
    portal: async () => (await post('/portal', undefined, [200], linkSchema)).url,
    addDomain: (hostname: string) => post('/domains', { hostname }, [201], domainSchema),
    /** @returns the ids of the plans that have domains. */
    addRefusedDomain: async (hostname: string) =>
      (await post('/domains', { hostname }, [402], refusalSchema)).plans.map(({ id }) => id),
    verifyDomain: (hostname: string) => post(`/domains/${hostname}/verification`, undefined, [200], domainSchema),
  }
}

/** A person's steps on Stripe's pages and at their DNS provider, on a machine with stand-ins for both. */
export const elsewhereCalls = (origin: string) => {
  const { post } = callsBelow(`${origin}/_local/stripe`)
  return {
    pay: async (session: string, card: string) => {
      await post(`/checkout/${session}/pay`, { card }, [200], z.looseObject({ status: z.literal('complete') }))
    },
    /** @returns why the card was declined. */
    payDeclined: async (session: string, card: string) =>
      (await post(`/checkout/${session}/pay`, { card }, [402], declinedSchema)).error.code,
    giveCard: (customer: string, card: string) =>
      post(`/customers/${customer}/card`, { card }, [200], z.looseObject({ id: z.string() })),
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
    setRecord: async ({ type, name, value }: z.infer<typeof recordSchema>) => {
      await ask({ method: 'PUT', url: `${origin}/_local/dns/${name}`, body: { [type]: value } }, [200], z.unknown())
    },
  }
}

export type MachineCalls = ReturnType<typeof machineCalls>
export type BuyerCalls = ReturnType<typeof buyerCalls>
export type ElsewhereCalls = ReturnType<typeof elsewhereCalls>
