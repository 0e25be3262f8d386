import * as z from 'zod'
import { named } from '../../../core/named.ts'
import { forOwners } from '../../_runtime/operation.ts'
import { siteParams } from '../../http/input-forms.ts'

const reading = {
  params: siteParams,
  query: z.strictObject({
    after: z.string().max(4000).optional().describe('The cursor of an answer. By default the last lines.'),
  }),
  errors: ['NotFound', 'Unavailable'],
} as const

export const logOperations = forOwners({
  operatorReadLogs: {
    ...reading,
    get: '/v1/operator/sites/{id}/logs',
    audience: 'operator',
    roles: ['support', 'admin'],
    summary: 'Read the output of a running site: the last lines, or those after a cursor.',
  },
  readLogs: {
    ...reading,
    get: '/v1/sites/{id}/logs',
    summary: 'Read the output of a running site, if its blueprint shows it to owners.',
  },
  listContainers: {
    params: siteParams,
    errors: ['NotFound', 'Unavailable'],
    get: '/v1/sites/{id}/containers',
    summary:
      'List the containers of a running site and how often they restarted, if its blueprint shows output to owners.',
  },
})

const logsView = named('SiteLogs', {
  containers: z.array(
    z.strictObject({
      container: z.string(),
      lines: z.array(z.string()).describe('At most 200, without the secrets of the site.'),
    }),
  ),
  cursor: z.string().describe('For `after`: what is written afterwards.'),
})
const logs = {
  200: {
    description: 'The containers that run and their lines, oldest first. None while a copy is anonymised for the site.',
    schema: logsView,
  },
}

const containers = z.array(
  z.strictObject({
    name: z.string(),
    isRunning: z.boolean(),
    restarts: z.int().describe('How often it has ended since the site was started.'),
    lastEnd: z.string().nullable().describe('Such as `exit code 1` or `out of memory`; null if it has not ended.'),
  }),
)

export const logAnswers = {
  operatorReadLogs: logs,
  readLogs: logs,
  listContainers: { 200: { description: 'None for a site that sleeps.', schema: z.strictObject({ containers }) } },
}
