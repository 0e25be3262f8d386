import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { describe, expect, it } from 'vitest'
import { createSiteStore } from '../../../adapters/dynamodb/site-store.ts'
import { tablesOf } from '../../../adapters/dynamodb/tables.ts'
import { siteSamples } from '../../support/site-samples.ts'

/** Engines that tests run on are always consistent, DynamoDB only on request: so the test checks the request. */
const asked = async (read: (sites: ReturnType<typeof createSiteStore>) => Promise<unknown>) => {
  const inputs: Record<string, unknown>[] = []
  const client = {
    send: async ({ input }: { input: Record<string, unknown> }) => {
      inputs.push(input)
      return { Item: { siteId: siteSamples.active.id, schemaVersion: 1, content: siteSamples.active } }
    },
  } as unknown as DynamoDBDocumentClient
  await read(createSiteStore({ client, tables: tablesOf('t'), outbox: false, due: () => undefined }))
  return inputs.map(({ ConsistentRead }) => ConsistentRead)
}

describe('a site on which somebody decides', () => {
  it('is read strongly consistently, by its id and by its hostname', async () => {
    expect(await asked((sites) => sites.get(siteSamples.active.id))).toEqual([true])
    expect(await asked((sites) => sites.findByHostname('meadow.localhost'))).toEqual([true, true])
  })
})
