import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { Key } from 'aws-cdk-lib/aws-kms'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import { ArchiverBoundary, SiteBoundary } from '../constructs/data/boundaries.ts'
import { Buckets } from '../constructs/data/buckets.ts'
import { Keys } from '../constructs/data/keys.ts'
import { MailIdentity } from '../constructs/data/mail-identity.ts'
import { Secrets } from '../constructs/data/secrets.ts'
import { SiteRepositories } from '../constructs/data/site-repositories.ts'
import { Tables } from '../constructs/data/tables.ts'
import type { Deployment } from '../deployment.ts'
import { frontRegion, hostedZoneOf, StageStack } from '../deployment.ts'

/**
 * What must not be lost: it stays when the stack goes, and has names of its own so that no deploy replaces it. With it, for it
 * outlasts deployments too, the domain that mail comes from, whose reputation is slow to earn.
 */
export class DataStack extends StageStack {
  readonly tables: { readonly main: TableV2; readonly short: TableV2 }
  readonly archiveBucket: Bucket
  /** For logs of access, each kind under a prefix of its own; only where S3 or a load balancer writes them. */
  readonly accessLogs: Bucket
  readonly dataKey: Key
  readonly entitlementKey: Key
  readonly secrets: Secrets

  constructor(scope: Construct, deployment: Deployment) {
    const { names, stage, blueprints } = deployment
    super(scope, deployment, 'data', {
      description: 'Sitewright: tables, archives, keys, secrets and the name that mail comes from',
      terminationProtection: true,
    })
    const keys = new Keys(this, 'Keys', { names })
    this.dataKey = keys.data
    this.entitlementKey = keys.entitlement
    this.tables = new Tables(this, 'Tables', { prefix: names.tables })
    const buckets = new Buckets(this, 'Buckets', { installation: names.installation, key: this.dataKey })
    this.archiveBucket = buckets.archives
    this.accessLogs = buckets.accessLogs
    this.secrets = new Secrets(this, 'Secrets', { names, region: stage.region, frontRegion })
    new SiteRepositories(this, 'SiteRepositories', { names, blueprints })
    new SiteBoundary(this, 'SiteBoundary', { names })
    new ArchiverBoundary(this, 'ArchiverBoundary', { names, archives: this.archiveBucket, key: this.dataKey })
    new MailIdentity(this, 'Mail', {
      names,
      mailFrom: stage.mailFrom,
      hostedZone: hostedZoneOf(this, stage.console.hostedZone),
    })
  }
}
