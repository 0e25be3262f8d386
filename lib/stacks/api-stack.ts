import { resolve } from 'node:path'
import type { IHttpApi } from 'aws-cdk-lib/aws-apigatewayv2'
import type { Construct } from 'constructs'
import { LiveFunctions } from '../constructs/api/live-functions.ts'
import { OriginApi } from '../constructs/api/origin-api.ts'
import { originHostname } from '../constructs/front/console-distribution.ts'
import { type Deployment, hostedZoneOf, StageStack } from '../deployment.ts'
import type { ControlStack } from './control-stack.ts'

/** The API, and the versions of functions that it calls. */
export class ApiStack extends StageStack {
  readonly api: IHttpApi

  constructor(scope: Construct, deployment: Deployment, control: ControlStack) {
    const { names, stage, root } = deployment
    super(scope, deployment, 'api', { description: 'Sitewright: API, and the versions of functions behind it' })
    // A version is published of the function that is there.
    this.addStackDependency(control)
    const { hostname, hostedZone, originCertificate } = stage.console
    const live = new LiveFunctions(this, 'Live', { names, functions: control.functions })
    const { api } = new OriginApi(this, 'Api', {
      names,
      hostname: originHostname(hostname),
      hostedZone: hostedZoneOf(this, hostedZone),
      functions: live.all,
      authorityFile: originCertificate && resolve(root, originCertificate.authority),
    })
    this.api = api
  }
}
