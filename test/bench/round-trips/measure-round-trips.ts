import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Section } from '../measurement.ts'
import { dynamodbCallsOf } from './dynamodb-calls.ts'
import { addToPool, type OwnerApi, openOwnerApi, signIn } from './open-owner-api.ts'

const claims = 10
const poolSize = 30

const findRoom = async ({ ports: { admission } }: OwnerApi): Promise<void> => {
  admission.forget()
  const place = await admission.take('welcome')
  place?.release()
}

/** Counts the round trips to DynamoDB between a request for a site and its answer. */
export const measureRoundTrips = async (): Promise<Section> => {
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'sitewright-bench-calls-'))
  const directory = temporary.path
  await using api = await openOwnerApi(directory)
  for (let number = 0; number < poolSize; number += 1) await addToPool(api)
  const counted: (readonly string[])[] = []
  let beside: readonly string[] = []
  for (let number = 1; number <= claims; number += 1) {
    const token = await signIn(api)
    beside = await dynamodbCallsOf(() => findRoom(api))
    counted.push(await dynamodbCallsOf(() => api.createSite(token, `bench-${number}`)))
  }
  const max = counted.toSorted((a, b) => b.length - a.length)[0] ?? []
  return {
    title: 'Round trips to DynamoDB',
    measurements: [
      { name: 'round trips of one claim, the most of ten', value: max.length, unit: 'calls', bar: { atMost: 3 } },
      { name: 'calls beside the claims, at most every two seconds of a process', value: beside.length, unit: 'calls' },
    ],
    notes: [
      `They are ${max.join(', ')}.`,
      'Whether there is room for another trial is cached. It is refreshed in the background, and no claim waits for it.',
    ],
  }
}
