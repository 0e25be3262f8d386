import * as z from 'zod'
import { named } from '../../core/named.ts'
import { releaseReasons, sightings } from './custom-domain.ts'

const instant = z.iso.datetime({ precision: 3 })

export const domainViewSchema = named('Domain', {
  hostname: z.string(),
  state: z
    .enum(['pending', 'verified', 'failing', 'releasing'])
    .describe(
      'The domain works once it is verified. `failing`: its records are missing or wrong; `releasing`: it is removed at `releaseAt`.',
    ),
  records: z
    .array(
      z.strictObject({
        type: z
          .enum(['TXT', 'CNAME', 'ALIAS'])
          .describe('`ALIAS` (or ANAME) at the apex of a zone, where CNAME is not possible.'),
        name: z.string(),
        value: z.string(),
        purpose: z.enum(['ownership', 'traffic', 'edge']).describe('`edge`: for CloudFront at the apex of a zone.'),
        seen: z
          .enum(sightings)
          .nullable()
          .describe('The result of the last check; null before the first one, and for `edge`, which is not checked.'),
      }),
    )
    .describe('The DNS records to set and keep.'),
  addedAt: instant,
  checkedAt: instant.nullable(),
  verifiedAt: instant.nullable(),
  releaseAt: instant.nullable().describe('When a `pending` or `releasing` domain is removed unless it is verified.'),
  releasedBecause: z.enum(releaseReasons).nullable(),
  certificateRetryAt: instant
    .nullable()
    .describe(
      'Set if the certificate of the domain failed: when another is requested. Usually a CAA record does not allow amazon.com.',
    ),
})

const domainsSchema = z.strictObject({ domains: z.array(domainViewSchema) })

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
