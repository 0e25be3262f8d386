import { domainsSchema, domainViewSchema } from './domain-view-schema.ts'

/** What an owner is answered who does something with domains. */
export const domainAnswers = {
  addDomain: {
    200: { description: 'The site already has the domain.', schema: domainViewSchema },
    201: {
      description: 'The domain is added. Checks of its DNS records start now.',
      schema: domainViewSchema,
      headers: { Location: 'The path of the domain in this API.' },
    },
  },
  listDomains: { 200: { description: 'All domains, sorted by name.', schema: domainsSchema } },
  verifyDomain: {
    200: { description: 'The domain after the check; `records` show what DNS answered.', schema: domainViewSchema },
  },
  releaseDomain: { 204: { description: 'The domain is removed.' } },
} as const
