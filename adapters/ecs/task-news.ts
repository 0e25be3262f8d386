import * as z from 'zod'
import type { TaskNews } from '../../core/site/run/follow-task.ts'
import type { SitePorts } from '../dynamodb/site-ports.ts'
import type { CellDirectory } from '../ssm/cell-directory.ts'
import { privateAddress, siteOfGroup } from './site-tasks.ts'

const groupSchema = z.object({ group: z.string().optional() })

/** The detail of an "ECS Task State Change", so far as we use it. Source: the Amazon ECS Developer Guide, "Task state change events". */
const taskChangeSchema = z.object({
  clusterArn: z.string(),
  desiredStatus: z.string(),
  lastStatus: z.string(),
  attachments: z
    .array(z.object({ details: z.array(z.object({ name: z.string(), value: z.string().optional() })).default([]) }))
    .default([]),
})

/** Undefined of what has not come up yet: its next change tells more. */
const isEndingOf = ({ desiredStatus, lastStatus }: z.infer<typeof taskChangeSchema>): boolean | undefined => {
  if (desiredStatus === 'STOPPED') return true
  return lastStatus === 'RUNNING' ? false : undefined
}

/**
 * Reads what ECS tells of tasks. Undefined where it is of no site, of a cluster that is not one of our cells, since an account may
 * hold several installations, or of a task that neither runs nor ends.
 * @throws {z.ZodError} where a site's event is not as ECS describes it.
 */
export const createTaskNewsReader =
  ({
    cells,
    portsOf,
  }: {
    readonly cells: Pick<CellDirectory, 'all'>
    /** The ports of a cell's sites. */
    readonly portsOf: (cell: string) => Pick<SitePorts, 'portOf'>
  }) =>
  async (detail: unknown): Promise<TaskNews | undefined> => {
    const siteId = siteOfGroup(groupSchema.safeParse(detail).data?.group)
    if (siteId === undefined) return undefined
    const change = taskChangeSchema.parse(detail)
    const cell = (await cells.all()).find(({ clusterArn }) => clusterArn === change.clusterArn)
    const isEnding = isEndingOf(change)
    if (cell === undefined || isEnding === undefined) return undefined
    const host = privateAddress(change.attachments)
    const port = await portsOf(cell.name).portOf(siteId)
    return { siteId, isEnding, ...(host === undefined || port === undefined ? {} : { endpoint: { host, port } }) }
  }
