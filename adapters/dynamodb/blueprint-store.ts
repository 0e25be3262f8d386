import { isDeepStrictEqual } from 'node:util'
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { blueprintSchema } from '../../core/blueprint/blueprint.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { BlueprintStore } from '../../core/ports/stores.ts'
import { contentAttribute, readContent } from './item.ts'
import { blueprintKey } from './keys.ts'
import type { Tables } from './tables.ts'

export const createBlueprintStore = ({
  client,
  tables,
}: {
  client: DynamoDBDocumentClient
  tables: Tables
}): BlueprintStore => {
  /** A published version never changes, so it is read once: a build asks for it at every look. */
  const known = new Map<string, Blueprint>()

  const get: BlueprintStore['get'] = async (name, version) => {
    const key = blueprintKey(name, version)
    const place = `${key.pk} ${key.sk}`
    const remembered = known.get(place)
    if (remembered !== undefined) return remembered
    const { Item } = await client.send(new GetCommand({ TableName: tables.main, Key: key, ConsistentRead: true }))
    const blueprint = readContent(blueprintSchema, Item)
    if (blueprint !== undefined) known.set(place, blueprint)
    return blueprint
  }

  return {
    get,
    publish: async (blueprint) => {
      try {
        await client.send(
          new PutCommand({
            TableName: tables.main,
            Item: {
              ...blueprintKey(blueprint.name, blueprint.version),
              kind: 'blueprint',
              schemaVersion: 1,
              [contentAttribute]: blueprint,
            },
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        )
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error
        const published = await get(blueprint.name, blueprint.version)
        if (isDeepStrictEqual(published, blueprint)) return
        throw new SitewrightError(
          'BlueprintInvalid',
          `Blueprint '${blueprint.name}' version ${blueprint.version} is published and its content never changes. Give the changed one the next version number.`,
        )
      }
    },
    latest: async (name) => {
      const page = await client.send(
        new QueryCommand({
          TableName: tables.main,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :version)',
          ExpressionAttributeValues: { ':pk': blueprintKey(name, 1).pk, ':version': 'VERSION#' },
          ConsistentRead: true,
          ScanIndexForward: false,
          Limit: 1,
        }),
      )
      return readContent(blueprintSchema, page.Items?.[0])
    },
  }
}
