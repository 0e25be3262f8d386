import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { describe, expect, it } from 'vitest'
import { createSiteReads } from '../../../adapters/dynamodb/site-reads.ts'
import { tablesOf } from '../../../adapters/dynamodb/tables.ts'
import { siteSamples } from '../../support/site-samples.ts'

/** Engines that tests run on are always consistent, DynamoDB only on request: so the test checks the request. */
const asked = async (read: (sites: ReturnType<typeof createSiteReads>) => Promise<unknown>) => {
  const inputs: Record<string, unknown>[] = []
  const client = {
    send: async ({ input }: { input: Record<string, unknown> }) => {
      inputs.push(input)
      return { Item: { siteId: siteSamples.active.id, schemaVersion: 1, content: siteSamples.active } }
    },
  } as unknown as DynamoDBDocumentClient
  await read(createSiteReads({ client, tables: tablesOf('t') }))
  return inputs.map(({ ConsistentRead }) => ConsistentRead)
}

describe('a site on which somebody decides', () => {
  it('is read strongly consistently, by its id and by its hostname', async () => {
    expect(await asked((sites) => sites.get(siteSamples.active.id))).toEqual([true])
    expect(await asked((sites) => sites.findByHostname('meadow.localhost'))).toEqual([true, true])
  })
})
