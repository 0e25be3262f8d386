import * as z from 'zod'
import { forOwners } from '../_runtime/operation.ts'
import { siteParams } from '../http/input-forms.ts'

const domainParams = siteParams.extend({ hostname: z.string().max(255).describe('The hostname as listed.') })

export const domainOperations = forOwners({
  addDomain: {
    post: '/v1/sites/{id}/domains',
    summary: 'Add a custom domain to a site. The answer lists the DNS records to set.',
    params: siteParams,
    body: z.strictObject({
      hostname: z
        .string()
        .min(1, 'must not be empty')
        .max(2000)
        .describe('In any case, in Unicode or Punycode. May be a pasted URL.'),
    }),
    errors: [
      'NotFound',
      'FeatureNotInPlan',
      'HostnameNotAllowed',
      'HostnameTaken',
      'LimitsExceeded',
      'TransitionNotAllowed',
      'RateLimited',
      'VersionConflict',
      'Unavailable',
    ],
  },
  listDomains: {
    get: '/v1/sites/{id}/domains',
    summary: 'List the custom domains of a site.',
    params: siteParams,
    errors: ['NotFound'],
  },
  verifyDomain: {
    post: '/v1/sites/{id}/domains/{hostname}/verification',
    summary: 'Check the DNS records of a domain now.',
    params: domainParams,
    errors: ['NotFound', 'RateLimited', 'VersionConflict'],
  },
  releaseDomain: {
    delete: '/v1/sites/{id}/domains/{hostname}',
    summary: 'Remove a custom domain from a site.',
    params: domainParams,
    errors: ['NotFound', 'VersionConflict'],
  },
})
