import { brakeViewSchema, policyMoveSchema, trialsViewSchema } from './control-view-schema.ts'
import { reconciliationViewSchema } from './reconciliation-view-schema.ts'

const brake = (description: string) => ({ description, schema: brakeViewSchema })
const trials = (description: string) => ({ description, schema: trialsViewSchema })
const reconciliation = (description: string) => ({ description, schema: reconciliationViewSchema })

/** What operators are answered about the place as a whole. */
export const controlAnswers = {
  operatorGetBrake: { 200: brake('The brake and its history, newest first.') },
  operatorReleaseBrake: { 200: brake('The brake is off.') },
  operatorPullBrake: { 200: brake('The brake is on.') },
  operatorGetTrials: { 200: trials('The trials and their history, newest first.') },
  operatorSetTrials: { 200: trials('The new setting.') },
  operatorGetBilling: { 200: reconciliation('The latest report, and whether a request waits.') },
  operatorReconcileBilling: {
    202: reconciliation('The reconciliation is requested. The run replaces the report when it ends.'),
  },
  operatorMovePolicy: {
    200: {
      description:
        'The sites of this page that were moved or would be; possibly none. A cursor means that more pages follow.',
      schema: policyMoveSchema,
    },
  },
} as const
