import { Aws, CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib'
import {
  AccountRecovery,
  CfnUserPoolGroup,
  FeaturePlan,
  Mfa,
  OAuthScope,
  StandardThreatProtectionMode,
  UserPool,
} from 'aws-cdk-lib/aws-cognito'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import { operatorRoles } from '../../../core/events/actor.ts'
import { operationOf } from '../../../lambdas/manifest.ts'

interface OperatorPoolProps {
  readonly names: Pick<Names, 'installation'>
  readonly consoleHostname: string
}

/** The user pool of staff. Nobody can sign up, and a password alone does not suffice. */
export class OperatorPool extends Construct {
  readonly issuer: string
  readonly clientId: string
  readonly poolId: string
  /** The address of the sign-in pages, without a slash at the end. */
  readonly domain: string

  constructor(scope: Construct, id: string, { names, consoleHostname }: OperatorPoolProps) {
    super(scope, id)
    const pool = new UserPool(this, 'Pool', {
      userPoolName: `${names.installation}-operators`,
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      mfa: Mfa.REQUIRED,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: 14,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3),
      },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      featurePlan: FeaturePlan.PLUS,
      standardThreatProtectionMode: StandardThreatProtectionMode.FULL_FUNCTION,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    })
    for (const groupName of operatorRoles) {
      new CfnUserPoolGroup(this, `Group-${groupName}`, { userPoolId: pool.userPoolId, groupName })
    }
    const client = pool.addClient('Console', {
      userPoolClientName: `${names.installation}-console`,
      generateSecret: true,
      preventUserExistenceErrors: true,
      // Only the hosted pages ask for passwords. With no flow at all, Cognito adds those by SRP and by custom challenges.
      authFlows: { userSrp: false },
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL],
        // The second is for tokens of commands (docs/deploy.md): nothing listens there.
        callbackUrls: [
          `https://${consoleHostname}${operationOf('operatorFinishSignIn').path}`,
          'http://localhost:8976/',
        ],
        logoutUrls: [`https://${consoleHostname}/operator/`],
      },
      accessTokenValidity: Duration.minutes(15),
      idTokenValidity: Duration.minutes(15),
      refreshTokenValidity: Duration.hours(12),
    })
    this.issuer = `https://cognito-idp.${Aws.REGION}.amazonaws.com/${pool.userPoolId}`
    this.clientId = client.userPoolClientId
    // A prefix is unique among all accounts of a region.
    const domain = pool.addDomain('Domain', {
      cognitoDomain: { domainPrefix: `${names.installation}-${Aws.ACCOUNT_ID}` },
    })
    this.poolId = pool.userPoolId
    this.domain = domain.baseUrl()
    new CfnOutput(this, 'UserPoolId', { value: pool.userPoolId, description: 'Where operators are added' })
    new CfnOutput(this, 'ClientId', {
      value: client.userPoolClientId,
      description: 'The console, to the operator pool',
    })
  }
}
