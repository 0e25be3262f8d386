import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import type { DynamoDBDocumentClient, UpdateCommandInput } from '@aws-sdk/lib-dynamodb'
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { billingReportSchema } from '../../core/billing/billing-report.ts'
import { reconciliationAttemptSchema } from '../../core/billing/reconciliation-attempt.ts'
import { reconciliationRequestSchema } from '../../core/billing/reconciliation-request.ts'
import type { BillingReconciliations } from '../../core/ports/billing-reconciliations.ts'
import { contentAttribute, readContent, readStored } from './item.ts'
import type { Key } from './keys.ts'
import { billingReportKey, reconciliationRequestKey } from './keys.ts'
import type { EventWriting } from './transaction.ts'
import { eventWrite, outlastConflicts, transact } from './transaction.ts'

const begunSchema = z.object({ run: z.int().positive() })

/**
 * The last request, and beside it one item that holds the last report and the run that was begun last. Each is an
 * attribute of its own there: noting one never touches the other.
 */
export const createBillingReconciliations = (
  writing: EventWriting & { readonly client: DynamoDBDocumentClient },
): BillingReconciliations => {
  const { client, tables } = writing
  const TableName = tables.main
  const get = async (key: Key) =>
    (await client.send(new GetCommand({ TableName, Key: key, ConsistentRead: true }))).Item
  const update = (change: Omit<UpdateCommandInput, 'TableName' | 'Key'>) =>
    outlastConflicts(() => client.send(new UpdateCommand({ TableName, Key: billingReportKey, ...change })))
  /** What does not hold any more is left as it is. */
  const updateWhere = async (change: Parameters<typeof update>[0]): Promise<void> => {
    try {
      await update(change)
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error
    }
  }

  return {
    read: async () => {
      const [asked, kept] = await Promise.all([get(reconciliationRequestKey), get(billingReportKey)])
      const request = readContent(reconciliationRequestSchema, asked)
      if (kept === undefined) return request === undefined ? {} : { request }
      const report = contentAttribute in kept ? readContent(billingReportSchema, kept) : undefined
      return {
        ...(request === undefined ? {} : { request }),
        attempt: readStored(reconciliationAttemptSchema, kept, kept),
        ...(report === undefined ? {} : { report }),
      }
    },
    request: async (request, event) => {
      const refusals = await transact(client, [
        {
          refusal: 'version' as const,
          write: {
            Put: {
              TableName,
              Item: {
                ...reconciliationRequestKey,
                kind: 'reconciliation-request',
                version: request.version,
                [contentAttribute]: request,
              },
              ...(request.version === 1
                ? { ConditionExpression: 'attribute_not_exists(pk)' }
                : {
                    ConditionExpression: '#version = :before',
                    ExpressionAttributeNames: { '#version': 'version' },
                    ExpressionAttributeValues: { ':before': request.version - 1 },
                  }),
            },
          },
        },
        eventWrite(event, 'version' as const, writing),
      ])
      return refusals.length === 0
    },
    // Where a reply is lost, the number that is tried again is a higher one: some are never used.
    begin: async (beganAt) => {
      const begun = await update({
        UpdateExpression: 'SET #kind = :kind, schemaVersion = :schema, beganAt = :at REMOVE failure ADD run :one',
        ExpressionAttributeNames: { '#kind': 'kind' },
        ExpressionAttributeValues: { ':kind': 'billing-report', ':schema': 1, ':at': beganAt, ':one': 1 },
        ReturnValues: 'UPDATED_NEW',
      })
      return begunSchema.parse(begun.Attributes).run
    },
    fail: (run, failure) =>
      updateWhere({
        UpdateExpression: 'SET failure = :failure',
        ConditionExpression: 'run = :run',
        ExpressionAttributeValues: { ':failure': failure, ':run': run },
      }),
    finish: (report) =>
      updateWhere({
        UpdateExpression: 'SET #content = :report, reportedRun = :run',
        ConditionExpression: 'attribute_not_exists(reportedRun) OR reportedRun <= :run',
        ExpressionAttributeNames: { '#content': contentAttribute },
        ExpressionAttributeValues: { ':report': report, ':run': report.run },
      }),
  }
}
