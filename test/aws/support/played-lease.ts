import { keepLease, takeLease } from '../../../adapters/files/site-lease.ts'
import type { PlayedContainer, TaskPlace } from './played-task.ts'

const isHelper = ({ command = [] }: PlayedContainer, work: string): boolean =>
  command.includes('/app/site-helper/index.mjs') && command.at(-1) === work

export const isOfLease = (container: PlayedContainer): boolean =>
  isHelper(container, 'take') || isHelper(container, 'keep')

/** Milliseconds that programs have here to end; what Fargate gives them is in the task definition. */
export const grace = 1000

/**
 * Takes and keeps the lease of the data as the helper's containers do, with shorter times.
 * @returns undefined for a task without them. `lost` resolves where the keeper's container would end.
 */
export const playLease = async (
  containers: readonly PlayedContainer[],
  { dataDirectory }: Pick<TaskPlace, 'dataDirectory'>,
): Promise<{ readonly lost: Promise<void>; readonly release: () => Promise<void> } | undefined> => {
  if (!containers.some(isOfLease)) return undefined
  const lease = { data: dataDirectory, renewEvery: 4000, stopAfter: 2 * grace }
  const { promise: lost, resolve: endAtOnce } = Promise.withResolvers<void>()
  const term = await takeLease(lease, { toldToEnd: new AbortController().signal, endAtOnce: () => endAtOnce() })
  return { lost, release: keepLease(lease, term, () => endAtOnce()) }
}
