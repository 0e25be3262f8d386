import { Stack } from 'aws-cdk-lib'
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { type ILogGroup, LogGroup } from 'aws-cdk-lib/aws-logs'
import { type IQueue, Queue } from 'aws-cdk-lib/aws-sqs'
import { type IStateMachine, StateMachine } from 'aws-cdk-lib/aws-stepfunctions'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import type { StateMachineName } from '../../../core/ports/workflows.ts'
import { type FunctionName, functions, type ManifestFunction, machineNames } from '../../../lambdas/manifest.ts'
import { type DeadLetterPurpose, deadLetterPurposes } from '../control/dead-letters.ts'

export interface WatchedFunction {
  readonly name: FunctionName
  readonly definition: ManifestFunction
  readonly function: Pick<LambdaFunction, 'metric' | 'metricErrors' | 'metricInvocations' | 'metricThrottles'>
  readonly log: ILogGroup
}

/**
 * The watched resources, found by name. A reference to another stack would block removing the resource from that stack while
 * an alarm names it.
 */
export class WatchedResources extends Construct {
  readonly functions: readonly WatchedFunction[]
  readonly machines: ReadonlyMap<StateMachineName, IStateMachine>
  readonly deadLetters: ReadonlyMap<DeadLetterPurpose, IQueue>
  readonly apiLog: ILogGroup
  readonly routerLog: ILogGroup

  constructor(scope: Construct, id: string, { names }: { readonly names: Names }) {
    super(scope, id)
    this.functions = functions.map((definition) => ({
      name: definition.name,
      definition,
      function: LambdaFunction.fromFunctionName(this, definition.name, names.function(definition.name)),
      log: LogGroup.fromLogGroupName(this, `${definition.name}-log`, names.functionLogGroup(definition.name)),
    }))
    this.machines = new Map(
      machineNames.map((name) => [
        name,
        StateMachine.fromStateMachineName(this, `${name}-machine`, names.stateMachine(name)),
      ]),
    )
    const queue = (purpose: DeadLetterPurpose): IQueue => {
      const queueName = names.deadLetters(purpose)
      const queueArn = Stack.of(this).formatArn({ service: 'sqs', resource: queueName })
      return Queue.fromQueueAttributes(this, purpose, { queueName, queueArn })
    }
    this.deadLetters = new Map(deadLetterPurposes.map((purpose) => [purpose, queue(purpose)]))
    this.apiLog = LogGroup.fromLogGroupName(this, 'ApiLog', names.apiLogGroup)
    this.routerLog = LogGroup.fromLogGroupName(this, 'RouterLog', names.routerLogGroup)
  }

  of(name: FunctionName): WatchedFunction {
    const found = this.functions.find((one) => one.name === name)
    if (found === undefined) throw new Error(`there is no function ${name}`)
    return found
  }
}
