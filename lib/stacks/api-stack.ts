import type { IHttpApi } from 'aws-cdk-lib/aws-apigatewayv2'
import type { Construct } from 'constructs'
import { LiveFunctions } from '../constructs/api/live-functions.ts'
import { OriginApi } from '../constructs/api/origin-api.ts'
import { type Deployment, StageStack } from '../deployment.ts'
import type { ControlStack } from './control-stack.ts'

export class ApiStack extends StageStack {
  readonly api: IHttpApi

  constructor(scope: Construct, deployment: Deployment, control: ControlStack) {
    super(scope, deployment, 'api', { description: 'Sitewright: API, and the versions of functions behind it' })
    // A version is published of the function that is there.
    this.addStackDependency(control)
    const live = new LiveFunctions(this, 'Live', { names: deployment.names, functions: control.functions })
    this.api = new OriginApi(this, 'Api', deployment, live.all).api
  }
}
