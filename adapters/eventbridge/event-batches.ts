import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge'

/** What one call of PutEvents takes (EventBridge API reference, PutEvents). */
const mostEntries = 10
/** The reference has allowed 1 MB for some time, and 256 KB before; our events are about 1 KB each. */
const mostBytes = 256_000

const bytesOf = (text = ''): number => Buffer.byteLength(text)

/** As EventBridge counts it (user guide, "Calculating PutEvents event entry size"). */
const entrySize = ({ Time, Source, DetailType, Detail }: PutEventsRequestEntry): number =>
  (Time === undefined ? 0 : 14) + bytesOf(Source) + bytesOf(DetailType) + bytesOf(Detail)

/** Splits entries, in order, into what one call takes each. One that is too large by itself is left to EventBridge to refuse. */
export const eventBatches = (entries: readonly PutEventsRequestEntry[]): readonly PutEventsRequestEntry[][] => {
  const batches: PutEventsRequestEntry[][] = []
  let room = 0
  for (const entry of entries) {
    const size = entrySize(entry)
    const open = batches.at(-1)
    if (open === undefined || open.length === mostEntries || size > room) {
      batches.push([entry])
      room = mostBytes - size
    } else {
      open.push(entry)
      room -= size
    }
  }
  return batches
}
