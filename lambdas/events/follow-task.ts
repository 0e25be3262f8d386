import middy from '@middy/core'
import * as z from 'zod'
import type { Log } from '../../core/ports/context.ts'
import type { FollowTaskPorts, TaskNews } from '../../core/site/run/follow-task.ts'
import { followTask } from '../../core/site/run/follow-task.ts'

export interface FollowTaskFunctionPorts extends FollowTaskPorts {
  readonly log: Log
  /** What the platform's own event says of a site of ours; undefined where it concerns none, or says nothing yet. */
  readonly readTaskNews: (detail: unknown) => Promise<TaskNews | undefined>
}

const deliverySchema = z.object({ id: z.string(), detail: z.unknown() })

export const create = (ports: FollowTaskFunctionPorts) =>
  middy<unknown, void>()
    .onError(({ error }) => {
      ports.log.warn({ subscriber: 'follow-task', err: error }, "a site's change of task could not be followed")
    })
    .handler(async (delivery) => {
      const { id, detail } = deliverySchema.parse(delivery)
      const news = await ports.readTaskNews(detail)
      if (news !== undefined) await followTask(ports, news, id)
    })
