import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'

interface AlarmsProps {
  readonly names: Pick<Names, 'installation'>
  /** Who gets the mails of the topic that this makes; without it, the alarms use the topic of the stage, also before it exists. */
  readonly contact?: string
}

interface AlarmForm {
  readonly metric: IMetric
  /** The effect that people without knowledge of the system notice. */
  readonly feels: string
  /** What to do, in a sentence. By default, docs/runbook.md has a section. */
  readonly todo?: string | undefined
  readonly threshold: number
  /** Evaluation periods in a row; one by default. */
  readonly checks?: number
  /** True triggers the alarm below the threshold instead, and on missing data. */
  readonly isFloor?: true
}

/** Alarms, and the topic that mails them. Each says what to do, or has a section with its name in docs/runbook.md. */
export class Alarms extends Construct {
  readonly all: Alarm[] = []
  readonly #action: SnsAction
  readonly #installation: string

  constructor(scope: Construct, id: string, { names, contact }: AlarmsProps) {
    super(scope, id)
    this.#installation = names.installation
    const topicName = `${names.installation}-alarms`
    const topicArn = Stack.of(this).formatArn({ service: 'sns', resource: topicName })
    this.#action = new SnsAction(
      contact === undefined ? Topic.fromTopicArn(this, 'Topic', topicArn) : this.#makeTopic(topicName, contact),
    )
  }

  #makeTopic(topicName: string, contact: string): ITopic {
    // CloudWatch cannot publish to a topic that is encrypted with SNS's own key.
    const key = new Key(this, 'Key', {
      alias: `alias/${topicName}`,
      description: 'What alarms say',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    key.grantEncryptDecrypt(new ServicePrincipal('cloudwatch.amazonaws.com'))
    const topic = new Topic(this, 'Topic', { topicName, masterKey: key, enforceSSL: true })
    topic.grantPublish(new ServicePrincipal('cloudwatch.amazonaws.com'))
    topic.addSubscription(new EmailSubscription(contact))
    return topic
  }

  /** @param id also the title of its section in the runbook. */
  add(id: string, { metric, feels, todo, threshold, checks = 1, isFloor }: AlarmForm): void {
    const alarm = new Alarm(this, id, {
      alarmName: `${this.#installation}-${id}`,
      alarmDescription: `${feels} What to do: ${todo ?? `docs/runbook.md#${id}`}`,
      metric,
      threshold,
      evaluationPeriods: checks,
      comparisonOperator: isFloor
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: isFloor ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    })
    alarm.addAlarmAction(this.#action)
    alarm.addOkAction(this.#action)
    this.all.push(alarm)
  }
}
