import * as z from 'zod'

const logsView = z
  .strictObject({
    containers: z.array(
      z.strictObject({
        container: z.string(),
        lines: z.array(z.string()).meta({ description: 'At most 200, without the secrets of the site.' }),
      }),
    ),
    cursor: z.string().meta({ description: 'For `after`: what is written afterwards.' }),
  })
  .meta({ id: 'SiteLogs' })
const logs = { 200: { description: 'The containers that run and their lines, oldest first.', schema: logsView } }

/** The answers about output, by operation. */
export const logAnswers = { operatorReadLogs: logs, readLogs: logs }
