import * as z from 'zod'
import { takesNothing } from '../_runtime/operation.ts'
import { siteParams } from './input-forms.ts'

const domainParams = siteParams.extend({
  hostname: z.string().max(255).meta({ description: 'As the list of domains has it.' }),
})

/** What an owner may do with hostnames of their own. */
export const domainOperations = {
  addDomain: {
    ...takesNothing,
    id: 'addDomain',
    method: 'POST',
    path: '/v1/sites/{id}/domains',
    audience: 'owner',
    summary: 'Let a hostname of your own lead to a site: what is answered says which DNS records to set.',
    params: siteParams,
    body: z.strictObject({
      hostname: z
        .string()
        .min(1, 'must not be empty')
        .max(255)
        .meta({ description: 'Of any case, in Unicode or in punycode.' }),
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
    summary: 'The hostnames of your own that lead, or are to lead, to a site.',
    params: siteParams,
    errors: ['NotFound'],
  },
  verifyDomain: {
    ...takesNothing,
    id: 'verifyDomain',
    method: 'POST',
    path: '/v1/sites/{id}/domains/{hostname}/verification',
    audience: 'owner',
    summary: 'Look at the DNS records of a domain now.',
    params: domainParams,
    errors: ['NotFound', 'RateLimited', 'VersionConflict'],
  },
  releaseDomain: {
    ...takesNothing,
    id: 'releaseDomain',
    method: 'DELETE',
    path: '/v1/sites/{id}/domains/{hostname}',
    audience: 'owner',
    summary: 'Let a hostname lead to the site no longer.',
    params: domainParams,
    errors: ['NotFound', 'VersionConflict'],
  },
} as const
