import { CfnBudget } from 'aws-cdk-lib/aws-budgets'
import { CfnAnomalyMonitor, CfnAnomalySubscription } from 'aws-cdk-lib/aws-ce'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import type { Stage } from '../../../core/config/stage.ts'

interface BudgetProps {
  readonly names: Pick<Names, 'installation'>
  readonly budget: NonNullable<Stage['budget']>
  /** Who gets the mails. */
  readonly contact: string
}

/** Percent of the budget. */
const thresholds = [
  ['ACTUAL', 80],
  ['FORECASTED', 100],
] as const

/** A budget of the account, and a mail about costs out of the ordinary. AWS charges for neither. */
export class Budget extends Construct {
  constructor(scope: Construct, id: string, { names: { installation }, budget, contact }: BudgetProps) {
    super(scope, id)
    new CfnBudget(this, 'Month', {
      budget: {
        budgetName: installation,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: budget.monthlyUsd, unit: 'USD' },
      },
      notificationsWithSubscribers: thresholds.map(([notificationType, threshold]) => ({
        notification: { notificationType, threshold, comparisonOperator: 'GREATER_THAN' },
        subscribers: [{ subscriptionType: 'EMAIL', address: contact }],
      })),
    })
    if (budget.anomalyUsd === undefined) return
    const monitorArn =
      budget.anomalyMonitorArn ??
      new CfnAnomalyMonitor(this, 'Monitor', {
        monitorName: installation,
        monitorType: 'DIMENSIONAL',
        monitorDimension: 'SERVICE',
      }).attrMonitorArn
    new CfnAnomalySubscription(this, 'Anomalies', {
      subscriptionName: installation,
      monitorArnList: [monitorArn],
      frequency: 'DAILY',
      subscribers: [{ type: 'EMAIL', address: contact }],
      thresholdExpression: JSON.stringify({
        Dimensions: {
          Key: 'ANOMALY_TOTAL_IMPACT_ABSOLUTE',
          MatchOptions: ['GREATER_THAN_OR_EQUAL'],
          Values: [String(budget.anomalyUsd)],
        },
      }),
    })
  }
}
