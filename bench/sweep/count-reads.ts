import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'

export interface Traffic {
  readonly reads: number
  readonly itemsRead: number
  readonly writes: number
}

const reading = new Set(['GetItemCommand', 'QueryCommand', 'BatchGetItemCommand', 'ScanCommand'])

const itemsIn = (output: unknown): number => {
  if (typeof output !== 'object' || output === null) return 0
  if ('ScannedCount' in output && typeof output.ScannedCount === 'number') return output.ScannedCount
  return 'Item' in output && output.Item !== undefined ? 1 : 0
}

/** Counts what a client asks for, repeats of the SDK included, and the items that were read for it. */
export const countTraffic = (client: DynamoDBClient): { readonly sinceLast: () => Traffic } => {
  let traffic = { reads: 0, itemsRead: 0, writes: 0 }
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const result = await next(args)
        traffic = reading.has(commandName)
          ? { ...traffic, reads: traffic.reads + 1, itemsRead: traffic.itemsRead + itemsIn(result.output) }
          : { ...traffic, writes: traffic.writes + 1 }
        return result
      },
    { step: 'deserialize', priority: 'high' },
  )
  return {
    sinceLast: () => {
      const counted = traffic
      traffic = { reads: 0, itemsRead: 0, writes: 0 }
      return counted
    },
  }
}
