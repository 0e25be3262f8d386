import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { contentAttribute, contentItem, getItem, readContent, readStored } from '../../../adapters/dynamodb/item.ts'
import type { Key } from '../../../adapters/dynamodb/keys.ts'
import {
  type EventWriting,
  eventWrite,
  isAtVersion,
  outlastConflicts,
  put,
  transact,
  updateIf,
} from '../../../adapters/dynamodb/transaction.ts'
import type { BillingReconciliations } from '../ports.ts'
import { billingReportSchema, reconciliationAttemptSchema, reconciliationRequestSchema } from './billing-report.ts'

/** The last who asked for billing to be reconciled; the events are below it. */
export const reconciliationRequestKey: Key = { pk: 'RECONCILIATION#billing', sk: 'REQUEST' }
/** The last report. Apart from the request: who may ask for a run may not write its result. */
export const billingReportKey: Key = { pk: 'BILLING-REPORT', sk: 'REPORT' }

const begunSchema = z.object({ run: z.int().positive() })

/** Keeps the last request, and in another item the last report and the last run, as attributes that are written apart. */
export const createBillingReconciliations = (writing: EventWriting): BillingReconciliations => {
  const { client, tables } = writing
  const TableName = tables.main
  const ofReport = { TableName, Key: billingReportKey }

  return {
    read: async () => {
      const keys = [reconciliationRequestKey, billingReportKey] as const
      const [asked, kept] = await Promise.all(keys.map((key) => getItem(client, TableName, key)))
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
      const { version } = request
      const item = contentItem(reconciliationRequestKey, 'reconciliation-request', request, { version })
      const refusals = await transact(client, [
        put('version', TableName, item, isAtVersion(version - 1)),
        eventWrite(event, 'version', writing),
      ])
      return refusals.length === 0
    },
    // Where a reply is lost, the number that is tried again is a higher one: some are never used.
    begin: async (beganAt) => {
      const begun = await outlastConflicts(() =>
        client.send(
          new UpdateCommand({
            ...ofReport,
            UpdateExpression: 'SET #kind = :kind, schemaVersion = :schema, beganAt = :at REMOVE failure ADD run :one',
            ExpressionAttributeNames: { '#kind': 'kind' },
            ExpressionAttributeValues: { ':kind': 'billing-report', ':schema': 1, ':at': beganAt, ':one': 1 },
            ReturnValues: 'UPDATED_NEW',
          }),
        ),
      )
      return begunSchema.parse(begun.Attributes).run
    },
    // A run that another has overtaken writes nothing.
    fail: async (run, failure) => {
      await updateIf(client, {
        ...ofReport,
        UpdateExpression: 'SET failure = :failure',
        ConditionExpression: 'run = :run',
        ExpressionAttributeValues: { ':failure': failure, ':run': run },
      })
    },
    finish: async (report) => {
      await updateIf(client, {
        ...ofReport,
        UpdateExpression: 'SET #content = :report, reportedRun = :run',
        ConditionExpression: 'attribute_not_exists(reportedRun) OR reportedRun <= :run',
        ExpressionAttributeNames: { '#content': contentAttribute },
        ExpressionAttributeValues: { ':report': report, ':run': report.run },
      })
    },
  }
}
