import * as z from 'zod'
import { takesNothing } from '../_runtime/operation.ts'
import { siteParams } from './input-forms.ts'

const domainParams = siteParams.extend({
  hostname: z.string().max(255).meta({ description: 'The hostname as listed.' }),
})

/** Owners' operations on custom domains. */
export const domainOperations = {
  addDomain: {
    ...takesNothing,
    id: 'addDomain',
    method: 'POST',
    path: '/v1/sites/{id}/domains',
    audience: 'owner',
    summary: 'Add a custom domain to a site. The answer lists the DNS records to set.',
    params: siteParams,
    body: z.strictObject({
      hostname: z
        .string()
        .min(1, 'must not be empty')
        .max(255)
        .meta({ description: 'In any case, in Unicode or Punycode.' }),
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
    ...takesNothing,
    id: 'listDomains',
    method: 'GET',
    path: '/v1/sites/{id}/domains',
    audience: 'owner',
    summary: 'List the custom domains of a site.',
    params: siteParams,
    errors: ['NotFound'],
  },
  verifyDomain: {
    ...takesNothing,
    id: 'verifyDomain',
    method: 'POST',
    path: '/v1/sites/{id}/domains/{hostname}/verification',
    audience: 'owner',
    summary: 'Check the DNS records of a domain now.',
    params: domainParams,
    errors: ['NotFound', 'RateLimited', 'VersionConflict'],
  },
  releaseDomain: {
    ...takesNothing,
    id: 'releaseDomain',
    method: 'DELETE',
    path: '/v1/sites/{id}/domains/{hostname}',
    audience: 'owner',
    summary: 'Remove a custom domain from a site.',
    params: domainParams,
    errors: ['NotFound', 'VersionConflict'],
  },
} as const
