import { expect, it } from 'vitest'
import { type Config, defineConfig } from '../../core/config/config.ts'
import { resourcesOf } from './support/resources.ts'
import { type Synthesised, synthesise } from './support/synthesise.ts'
import { testConfig } from './support/test-config.ts'

const all = await synthesise()

it('the watch stack holds on to nothing of the stacks before it but the API, which is always there', () => {
  const imports = JSON.stringify(all.template('watch').toJSON()).match(/"Fn::ImportValue":"[^"]+"/g) ?? []
  const kept = new Set(imports.filter((one) => !one.includes(all.names.stack('edge'))))
  expect([...kept]).toEqual([expect.stringContaining('ExportsOutputRefApi')])
})

const costTypes = ['AWS::Budgets::Budget', 'AWS::CE::AnomalyMonitor', 'AWS::CE::AnomalySubscription'] as const
const costResources = ({ template }: Synthesised, at: 0 | 1 | 2) => resourcesOf(template('front'), costTypes[at])
const withBudget = (budget: Config['stages'][string]['budget']) =>
  synthesise(defineConfig({ ...testConfig, stages: { test: { ...testConfig.stages['test']!, budget } } }))

it('mails about costs only where the stage has a budget, from a region in which CloudFormation makes it', async () => {
  expect(costTypes.flatMap((_, at) => costResources(all, at as 0))).toEqual([])
  const budgeted = await withBudget({ monthlyUsd: 500, anomalyUsd: 50 })
  const [budget] = costResources(budgeted, 0)
  expect(budget?.Properties).toMatchObject({
    Budget: { BudgetLimit: { Amount: 500, Unit: 'USD' }, TimeUnit: 'MONTHLY' },
    NotificationsWithSubscribers: [
      {
        Notification: { NotificationType: 'ACTUAL', Threshold: 80 },
        Subscribers: [{ Address: 'operations@example.com' }],
      },
      { Notification: { NotificationType: 'FORECASTED', Threshold: 100 } },
    ],
  })
  // CloudFormation replaces a budget whose recipients or thresholds change: a fixed name would be taken.
  expect(budget?.Properties.Budget).not.toHaveProperty('BudgetName')
  expect(costResources(budgeted, 1)).toHaveLength(1)
  const [anomalies] = costResources(budgeted, 2)
  expect(JSON.parse(String(anomalies?.Properties.ThresholdExpression))).toMatchObject({
    Dimensions: { Values: ['50'] },
  })
})

it('makes no second monitor of services in an account, and mails whom the stage says', async () => {
  const anomalyMonitorArn = 'arn:aws:ce::123456789012:anomalymonitor/1f2e'
  const contact = 'costs@example.com'
  const budgeted = await withBudget({ monthlyUsd: 500, anomalyUsd: 50, anomalyMonitorArn, contact })
  expect(costResources(budgeted, 1)).toEqual([])
  expect(costResources(budgeted, 2)).toMatchObject([
    { Properties: { MonitorArnList: [anomalyMonitorArn], Subscribers: [{ Address: contact }] } },
  ])
  expect(costResources(await withBudget({ monthlyUsd: 500 }), 2)).toEqual([])
})
