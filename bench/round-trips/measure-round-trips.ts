import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Section } from '../measurement.ts'
import { dynamodbCallsOf } from './count-calls.ts'
import { openOwnerApi } from './open-owner-api.ts'
import { addToPool, signIn } from './set-scene.ts'

const claims = 10
const poolSize = 30

/** Counts what goes to DynamoDB and back between a request for a site and its answer. */
export const measureRoundTrips = async (): Promise<Section> => {
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-bench-calls-'))
  try {
    await using api = await openOwnerApi(directory)
    for (let number = 0; number < poolSize; number += 1) await addToPool(api)
    const counted: (readonly string[])[] = []
    for (let number = 1; number <= claims; number += 1) {
      const token = await signIn(api)
      counted.push(await dynamodbCallsOf(() => api.createSite(token, `bench-${number}`)))
    }
    const most = counted.toSorted((a, b) => b.length - a.length)[0] ?? []
    return {
      title: 'Round trips to DynamoDB',
      measurements: [
        { name: 'round trips of one claim, the most of ten', value: most.length, unit: 'calls', bar: { atMost: 3 } },
      ],
      notes: [`They are ${most.join(', ')}.`],
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
