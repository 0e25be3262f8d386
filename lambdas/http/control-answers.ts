import { brakeViewSchema, policyMoveSchema, trialsViewSchema } from './control-view-schema.ts'
import { reconciliationViewSchema } from './reconciliation-view-schema.ts'

const brake = (description: string) => ({ description, schema: brakeViewSchema })
const trials = (description: string) => ({ description, schema: trialsViewSchema })
const reconciliation = (description: string) => ({ description, schema: reconciliationViewSchema })

/** What operators are answered about the place as a whole. */
export const controlAnswers = {
  operatorGetBrake: { 200: brake('How it stands, and its history, the latest first.') },
  operatorReleaseBrake: { 200: brake('Released; or off, as it was.') },
  operatorPullBrake: { 200: brake('On.') },
  operatorGetTrials: { 200: trials('How it stands, and what operators have said, the latest first.') },
  operatorSetTrials: { 200: trials('As it was said.') },
  operatorGetBilling: { 200: reconciliation('What was found last, and whether somebody waits for more.') },
  operatorReconcileBilling: { 202: reconciliation('Asked for. The report is replaced when the run has ended.') },
  operatorMovePolicy: {
    200: {
      description:
        'The sites of this page that were moved, or would be; there may be none. With a cursor in it there are more pages.',
      schema: policyMoveSchema,
    },
  },
} as const
