import { Duration, Stack, Validations } from 'aws-cdk-lib'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'

/** Why an entry is in a queue; docs/runbook.md says what to do about each. */
export type DeadLetterPurpose = 'undelivered' | 'failed' | 'unpublished'

export const deadLetterPurposes: readonly DeadLetterPurpose[] = ['undelivered', 'failed', 'unpublished']

/**
 * The dead-letter queues, which wait for a person: `undelivered` holds events that a rule could not deliver to its function,
 * `failed` those on which a function failed in every attempt, `unpublished` events that the publishing
 * function cannot read, and the stream positions of events that were never published.
 */
export class DeadLetters extends Construct {
  readonly #queues: ReadonlyMap<DeadLetterPurpose, Queue>

  constructor(scope: Construct, id: string, { names }: { readonly names: Pick<Names, 'deadLetters'> }) {
    super(scope, id)
    const make = (purpose: DeadLetterPurpose): Queue =>
      new Queue(this, purpose, {
        queueName: names.deadLetters(purpose),
        encryption: QueueEncryption.SQS_MANAGED,
        enforceSSL: true,
        retentionPeriod: Duration.days(14),
      })
    this.#queues = new Map(deadLetterPurposes.map((purpose) => [purpose, make(purpose)]))
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'They are the dead-letter queues, of rules, functions and the stream, which are no queues themselves.',
    })
  }

  of(purpose: DeadLetterPurpose): Queue {
    const queue = this.#queues.get(purpose)
    if (queue === undefined) throw new Error(`${Stack.of(this).stackName} has no queue for ${purpose} events`)
    return queue
  }
}
