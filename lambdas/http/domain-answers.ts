import { domainsSchema, domainViewSchema } from './domain-view-schema.ts'

/** What an owner is answered who does something with domains. */
export const domainAnswers = {
  addDomain: {
    200: { description: 'The site has had it already; nothing has changed.', schema: domainViewSchema },
    201: {
      description: 'Its records are looked for from now on.',
      schema: domainViewSchema,
      headers: { Location: 'The path of the domain in this API.' },
    },
  },
  listDomains: { 200: { description: 'All of them, by name.', schema: domainsSchema } },
  verifyDomain: {
    200: { description: 'As it is now; `records` say what was seen.', schema: domainViewSchema },
  },
  releaseDomain: { 204: { description: 'Nobody is served under it any more.' } },
} as const
