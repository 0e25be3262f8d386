import { isDeepStrictEqual } from 'node:util'
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
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
  const get: BlueprintStore['get'] = async (name, version) => {
    const found = await client.send(
      new GetCommand({ TableName: tables.main, Key: blueprintKey(name, version), ConsistentRead: true }),
    )
    return readContent(blueprintSchema, found.Item)
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
