import * as z from 'zod'
import { httpCall } from '../../support/http-call.ts'
import { asker } from '../api.ts'

const ask = asker(httpCall)

const leadsSchema = z.looseObject({
  leads: z.array(
    z.looseObject({
      email: z.string().nullable(),
      stage: z.string(),
      score: z.number(),
      reasons: z.array(z.looseObject({ text: z.string() })),
    }),
  ),
})
export type ShownLead = z.infer<typeof leadsSchema>['leads'][number]
const endpointSchema = z.looseObject({ secret: z.string() })
const reportSchema = z.looseObject({
  columns: z.array(z.looseObject({ name: z.string(), kind: z.string() })),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
})
const operatorSchema = z.looseObject({ token: z.string() })
const mailboxSchema = z.looseObject({ messages: z.array(z.looseObject({ subject: z.string(), text: z.string() })) })
const usageSchema = z.looseObject({ periods: z.array(z.looseObject({ requests: z.number() })) })

/** What staff do, on a host of this machine. */
export const staffCalls = async (origin: string) => {
  const body = { email: 'grace@example.com', role: 'admin' }
  const { token } = (await ask({ method: 'POST', url: `${origin}/_local/operators`, body }, [201], operatorSchema)).body
  const headers = { authorization: `Bearer ${token}` }
  return {
    addWebhook: async (url: string) => {
      const request = { url, description: 'CRM', reason: 'The story.' }
      const call = { method: 'POST', url: `${origin}/v1/operator/webhooks`, headers, body: request } as const
      return (await ask(call, [201], endpointSchema)).body.secret
    },
    leads: async () =>
      (await ask({ url: `${origin}/v1/operator/leads?limit=50`, headers }, [200], leadsSchema)).body.leads,
    /** The funnel by offer, with the names of its columns. */
    funnel: async () => {
      const { columns, rows } = (
        await ask({ url: `${origin}/v1/operator/reports/funnel?by=offer`, headers }, [200], reportSchema)
      ).body
      const shown = (cell: string | number | null, place: number) =>
        columns[place]?.kind === 'share' ? `${Math.round(Number(cell) * 100)} %` : String(cell ?? '–')
      return [columns.map(({ name }) => name), ...rows.map((row) => row.map(shown))]
    },
    mailsTo: async (email: string) =>
      (await ask({ url: `${origin}/_local/mail?to=${encodeURIComponent(email)}` }, [200], mailboxSchema)).body.messages,
  }
}

/** What an owner does, besides using the site. */
export const askingCalls = (origin: string, token: string, siteId: string) => {
  const headers = { authorization: `Bearer ${token}` }
  const base = `${origin}/v1/sites/${siteId}`
  return {
    talkToUs: async (topic: string, message: string) => {
      const call = { method: 'POST', url: `${base}/contact-requests`, headers, body: { topic, message } } as const
      await ask(call, [204], z.unknown())
    },
    /** The requests that routers have counted. */
    counted: async () => {
      const { periods } = (await ask({ url: `${base}/usage?by=hour`, headers }, [200], usageSchema)).body
      return periods.reduce((sum, { requests }) => sum + requests, 0)
    },
  }
}

/** Somebody opens the first page of an offer. */
export const visit = async (origin: string, offer: string, campaign: string): Promise<void> => {
  const call = { method: 'POST', url: `${origin}/v1/visits`, body: { offer, campaign } } as const
  await ask(call, [202, 204], z.unknown())
}
