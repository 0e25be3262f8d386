import * as z from 'zod'
import { takesNothing } from '../../_runtime/operation.ts'
import { siteParams } from '../../http/input-forms.ts'

const reading = {
  ...takesNothing,
  method: 'GET',
  params: siteParams,
  query: z.strictObject({
    after: z.string().max(4000).optional().meta({ description: 'The cursor of an answer. By default the last lines.' }),
  }),
  errors: ['NotFound', 'Unavailable'],
} as const

/** The output of running sites. */
export const logOperations = {
  operatorReadLogs: {
    ...reading,
    id: 'operatorReadLogs',
    path: '/v1/operator/sites/{id}/logs',
    audience: 'operator',
    roles: ['support', 'admin'],
    summary: 'Read the output of a running site: the last lines, or those after a cursor.',
  },
  readLogs: {
    ...reading,
    id: 'readLogs',
    path: '/v1/sites/{id}/logs',
    audience: 'owner',
    summary: 'Read the output of a running site, if its blueprint shows it to owners.',
  },
} as const
